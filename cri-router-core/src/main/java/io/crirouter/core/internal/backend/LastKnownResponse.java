package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.inventory.Inventory;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.routing.Effect;
import io.crirouter.proto.v1.ContainerStatusRequest;
import org.jspecify.annotations.Nullable;

/** Responses that are made from the last known state of a backend that does not answer. */
public final class LastKnownResponse {
  private LastKnownResponse() {}

  /**
   * The response to a list or to ContainerStatus, with the client's ids and names.
   *
   * @param cause why the backend did not answer; the status of the result if no state is known
   */
  public static BackendResponse of(Backend backend, CriRequest request, RpcStatus cause) {
    CriMethod method = request.method();
    try {
      ByteString question = backend.translator().request(method, request.message());
      ByteString known = known(backend.inventory(), Schema.of(method).effect(), question);
      return known == null
          ? BackendResponse.failure(backend, cause)
          : translated(backend, method, known);
    } catch (RpcException e) {
      return BackendResponse.failure(backend, e.status());
    } catch (MalformedMessageException e) {
      return BackendResponse.failure(backend, cause);
    }
  }

  private static @Nullable ByteString known(Inventory inventory, Effect effect, ByteString request)
      throws MalformedMessageException {
    if (effect == Effect.SHOWS_CONTAINER) {
      return inventory.lastStatus(
          WireMessage.stringIn(request, ContainerStatusRequest.CONTAINER_ID_FIELD_NUMBER));
    }
    Kind kind = Kind.listedBy(effect);
    return kind == null ? null : inventory.answer(kind, request);
  }

  private static BackendResponse translated(Backend backend, CriMethod method, ByteString known)
      throws MalformedMessageException {
    try {
      ByteString message = backend.translator().answer(method, known);
      return new BackendResponse(backend, message, RpcStatus.OK);
    } catch (RpcException e) {
      return new BackendResponse(backend, ByteString.EMPTY, e.status(), true);
    }
  }
}
