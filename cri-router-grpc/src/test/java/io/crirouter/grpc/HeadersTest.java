package io.crirouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.grpc.Metadata;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeadersTest {
  private static final ByteString VALUE = ByteString.copyFromUtf8("value");

  @ParameterizedTest
  @ValueSource(
      strings = {
        ":authority",
        "connection",
        "content-length",
        "content-type",
        "grpc-encoding",
        "grpc-message",
        "grpc-status",
        "grpc-timeout",
        "host",
        "te",
        "user-agent",
        "Upper",
        "sp ace",
        "",
        "ümlaut"
      })
  void headersOfTheTransportOrWithInvalidNamesAreLeftOut(String name) {
    assertThat(Headers.toGrpc(CallMetadata.EMPTY.with(name, VALUE)).keys()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"traceparent", "x-a.b_c", "x-bin", "grpc-status-details-bin", "date"})
  void allOtherHeadersAreForwarded(String name) {
    CallMetadata headers = CallMetadata.EMPTY.with(name, VALUE);

    assertThat(Headers.fromGrpc(Headers.toGrpc(headers))).isEqualTo(headers);
  }

  @Test
  void theValuesOfOneNameKeepTheirOrder() {
    CallMetadata headers =
        CallMetadata.of(
            List.of(
                new CallMetadata.Entry("a-bin", ByteString.copyFrom(new byte[] {0, -1})),
                new CallMetadata.Entry("a-bin", ByteString.EMPTY),
                new CallMetadata.Entry("b", ByteString.copyFromUtf8("2")),
                new CallMetadata.Entry("b", ByteString.copyFromUtf8("1"))));

    assertThat(Headers.fromGrpc(Headers.toGrpc(headers))).isEqualTo(headers);
  }

  @Test
  void noHeadersAreEmpty() {
    assertThat(Headers.fromGrpc(new Metadata())).isSameAs(CallMetadata.EMPTY);
    assertThat(Headers.toGrpc(CallMetadata.EMPTY).keys()).isEmpty();
  }
}
