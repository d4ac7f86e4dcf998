package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import java.util.ArrayList;
import java.util.List;

/** The response to a call of a backend, as encoded messages. */
final class RawResponse implements ResponseListener {
  final List<ByteString> messages = new ArrayList<>();
  private final List<RpcStatus> closes = new ArrayList<>();
  RuntimeCall call = RuntimeCall.ENDED;

  /** Calls with an empty request and requests one message. */
  @CanIgnoreReturnValue
  static RawResponse of(RuntimeBackend backend, CriMethod method) {
    return of(backend, CriRequest.of(method, ByteString.EMPTY));
  }

  @CanIgnoreReturnValue
  static RawResponse of(RuntimeBackend backend, CriRequest request) {
    RawResponse response = new RawResponse();
    response.call = backend.start(request, response);
    response.call.request(1);
    return response;
  }

  @Override
  public void onMessage(ByteString message) {
    messages.add(message);
  }

  @Override
  public void onClose(RpcStatus status) {
    closes.add(status);
  }

  boolean isClosed() {
    return !closes.isEmpty();
  }

  RpcStatus status() {
    assertThat(closes).as("a call is closed exactly once").hasSize(1);
    return closes.get(0);
  }
}
