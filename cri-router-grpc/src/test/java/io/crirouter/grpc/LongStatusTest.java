package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.LIST;
import static io.crirouter.grpc.Rpcs.STATUS;
import static io.crirouter.grpc.Rpcs.VERSION;
import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.grpc.Status;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Statuses that are longer than the header list that their client accepts. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LongStatusTest extends CriServerFixture {
  private static final int CLIENT_LIMIT = 1 << 20;
  private static final CallMetadata LONG =
      CallMetadata.EMPTY.with("x-long-bin", randomBytes(2 * CLIENT_LIMIT));

  /** Ends calls with {@code status}, except Version, which the test answers. */
  private RuntimeBackend failing(RpcStatus status) {
    return (request, listener) -> {
      if (request.method().equals(VERSION)) {
        return held.start(request, listener);
      }
      listener.onClose(status);
      return RuntimeCall.ENDED;
    };
  }

  private static RpcStatus status(int length, CallMetadata trailers) {
    return RpcStatus.fromRuntime(Code.FAILED_PRECONDITION, "é".repeat(length), trailers);
  }

  /** Just above the limit of the client, far above it, and above that of any client. */
  @ParameterizedTest
  @ValueSource(ints = {CLIENT_LIMIT / 6, CLIENT_LIMIT / 5, CLIENT_LIMIT, 9 * CLIENT_LIMIT})
  void aLongMessageIsCutAndOtherCallsOnTheConnectionContinue(int length) throws Exception {
    serve(failing(status(length, CallMetadata.EMPTY)));
    RawClient.Answer other = client.call(VERSION, ByteString.EMPTY);
    HeldBackend.Held version = held.next();

    Status end = client.call(LIST, ByteString.EMPTY).status();

    assertThat(end.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(end.getDescription()).startsWith("ééé").endsWith("... (" + length + " characters)");
    version.listener.onMessage(randomBytes(3));
    version.listener.onClose(RpcStatus.OK);
    assertThat(other.message()).isEqualTo(randomBytes(3));
  }

  @Test
  void trailersThatAreTooLongAreLeftOut() throws Exception {
    serve(failing(status(3, LONG)));

    RawClient.Answer answer = client.call(LIST, ByteString.EMPTY);

    assertThat(answer.status().getDescription()).isEqualTo("ééé");
    assertThat(Headers.fromGrpc(answer.trailers())).isEqualTo(CallMetadata.EMPTY);
  }

  @Test
  void headersThatAreTooLongAreLeftOut() throws IOException {
    serve(
        (request, listener) -> {
          listener.onHeaders(LONG);
          listener.onMessage(request.message());
          listener.onClose(RpcStatus.OK);
          return RuntimeCall.ENDED;
        });

    assertThat(client.call(LIST, randomBytes(3)).message()).isEqualTo(randomBytes(3));
  }

  @Test
  void unreadStatusesAreCutAtTheLimit() throws Exception {
    serve(
        CriServer.builder(failing(status(CLIENT_LIMIT / 8, CallMetadata.EMPTY)))
            .limits(ServerLimits.builder().unreadBytes(4096, 8192).build()));

    assertThat(client.call(STATUS, ByteString.EMPTY).status().getDescription().length())
        .as("a single one may be larger")
        .isEqualTo(CLIENT_LIMIT / 8);
    RawClient.Answer other = client.call(VERSION, ByteString.EMPTY);
    held.next().listener.onMessage(randomBytes(10_000));
    Status end = client.call(STATUS, ByteString.EMPTY).status();

    assertThat(end.getCode()).isEqualTo(Status.Code.FAILED_PRECONDITION);
    assertThat(end.getDescription().length()).isLessThan(4096);
    assertThat(other.isClosed()).isFalse();
  }
}
