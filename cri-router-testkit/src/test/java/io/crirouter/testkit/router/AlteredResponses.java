package io.crirouter.testkit.router;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Forwards calls to a runtime and alters the responses of some rpcs. Not thread-safe. */
final class AlteredResponses implements RuntimeBackend {
  private RuntimeBackend runtime =
      (request, listener) -> {
        throw new IllegalStateException("no runtime is behind this");
      };
  private final Map<String, UnaryOperator<ByteString>> changes = new HashMap<>();
  private final Map<String, ByteString> substitutes = new HashMap<>();
  private String address = "";

  /** Sets the runtime to forward to. */
  AlteredResponses of(RuntimeBackend value) {
    runtime = requireNonNull(value, "value");
    return this;
  }

  /** Alters each response message of {@code rpc} from now on. */
  AlteredResponses alter(String rpc, UnaryOperator<ByteString> change) {
    changes.put(rpc, change);
    return this;
  }

  /** Replaces successful responses of {@code rpc} by this message. */
  AlteredResponses answer(String rpc, ByteString answer) {
    substitutes.put(rpc, answer);
    return this;
  }

  /** Replaces the responses of the unary and the streamed list of these items. */
  AlteredResponses replaceLists(ListRpc.Kind kind, ByteString answer) {
    for (ListRpc list : ListRpc.values()) {
      if (list.kind() == kind) {
        answer(list.rpc(), answer);
      }
    }
    return this;
  }

  /** Removes all changes. */
  void reset() {
    changes.clear();
    substitutes.clear();
  }

  /** Sets the address. */
  AlteredResponses at(String elsewhere) {
    address = elsewhere;
    return this;
  }

  @Override
  public RuntimeCall start(CriRequest request, ResponseListener listener) {
    String rpc = request.method().name();
    ByteString substitute = substitutes.get(rpc);
    UnaryOperator<ByteString> change = changes.get(rpc);
    if (substitute != null) {
      return runtime.start(request, new Substituting(listener, substitute));
    }
    return runtime.start(request, change == null ? listener : new Altering(listener, change));
  }

  private record Altering(ResponseListener client, UnaryOperator<ByteString> change)
      implements ResponseListener {
    @Override
    public void onHeaders(CallMetadata headers) {
      client.onHeaders(headers);
    }

    @Override
    public void onMessage(ByteString message) {
      client.onMessage(change.apply(message));
    }

    @Override
    public void onClose(RpcStatus status) {
      client.onClose(status);
    }
  }

  /** Sends the replacement at the end, because an empty stream has no message. */
  private record Substituting(ResponseListener client, ByteString answer)
      implements ResponseListener {
    @Override
    public void onHeaders(CallMetadata headers) {
      client.onHeaders(headers);
    }

    @Override
    public void onMessage(ByteString message) {}

    @Override
    public void onClose(RpcStatus status) {
      if (status.isOk()) {
        client.onMessage(answer);
      }
      client.onClose(status);
    }
  }

  @Override
  public String address() {
    return address.isEmpty() ? runtime.address() : address;
  }

  @Override
  public void onReachabilityChange(Runnable listener) {
    runtime.onReachabilityChange(listener);
  }

  @Override
  public String toString() {
    return "AlteredResponses(" + runtime + ")";
  }
}
