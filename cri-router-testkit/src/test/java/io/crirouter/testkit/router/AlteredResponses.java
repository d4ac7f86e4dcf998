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

/** A runtime whose answers to some rpcs are altered on their way. For one thread. */
final class AlteredResponses implements RuntimeBackend {
  private RuntimeBackend runtime =
      (request, listener) -> {
        throw new IllegalStateException("no runtime is behind this");
      };
  private final Map<String, UnaryOperator<ByteString>> changes = new HashMap<>();
  private final Map<String, ByteString> substitutes = new HashMap<>();
  private String address = "";

  /** Stands before this runtime from now on. */
  AlteredResponses of(RuntimeBackend value) {
    runtime = requireNonNull(value, "value");
    return this;
  }

  /** Alters each message of each answer to {@code rpc} from now on. */
  AlteredResponses alter(String rpc, UnaryOperator<ByteString> change) {
    changes.put(rpc, change);
    return this;
  }

  /** Answers {@code rpc} with this message wherever the runtime answers it well. */
  AlteredResponses answer(String rpc, ByteString answer) {
    substitutes.put(rpc, answer);
    return this;
  }

  /** Replaces the answers to a list and, for the same items, to its streaming twin. */
  AlteredResponses answerLists(ListRpc.Kind kind, ByteString answer) {
    for (ListRpc list : ListRpc.values()) {
      if (list.kind() == kind) {
        answer(list.rpc(), answer);
      }
    }
    return this;
  }

  /** Lets the answers pass again. */
  void leaveAlone() {
    changes.clear();
    substitutes.clear();
  }

  /** Says that the runtime is somewhere else. */
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

  /** A stream of nothing may end without any message, hence the answer at the end. */
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
    return "AlteredAnswers(" + runtime + ")";
  }
}
