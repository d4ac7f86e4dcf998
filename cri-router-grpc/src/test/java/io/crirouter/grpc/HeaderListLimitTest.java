package io.crirouter.grpc;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HeaderListLimitTest {
  private static final CallMetadata DETAILS =
      CallMetadata.EMPTY.with("grpc-status-details-bin", ByteString.copyFrom(new byte[3000]));

  private static RpcStatus status(String message, CallMetadata trailers) {
    return RpcStatus.fromRuntime(Code.INTERNAL, message, trailers);
  }

  @Test
  void aFittingStatusIsUnchanged() {
    RpcStatus status = status("x".repeat(3000), DETAILS);

    assertThat(HeaderListLimit.fit(status, 8192)).isSameAs(status);
    assertThat(HeaderListLimit.fit(status, Long.MAX_VALUE)).isSameAs(status);
    assertThat(HeaderListLimit.fit(DETAILS, 8192)).isSameAs(DETAILS);
  }

  @Test
  void trailersThatDoNotFitAreLeftOutAndTheMessageStays() {
    RpcStatus status = status("x".repeat(5000), DETAILS);

    assertThat(HeaderListLimit.fit(status, 8192))
        .isEqualTo(status("x".repeat(5000), CallMetadata.EMPTY));
    assertThat(HeaderListLimit.fit(DETAILS, 4096)).isEqualTo(CallMetadata.EMPTY);
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "%", "\n", "ä", "€", "😀", "x😀"})
  void aMessageIsCutByItsEncodedLength(String character) {
    String message = character.repeat(20_000);

    RpcStatus cut = HeaderListLimit.fit(status(message, DETAILS), 8192);

    assertThat(cut.code()).isEqualTo(Code.INTERNAL);
    String end = "... (" + message.length() + " characters)";
    assertThat(cut.message()).endsWith(end);
    String start = cut.message().substring(0, cut.message().length() - end.length());
    assertThat(message).startsWith(start);
    assertThat(new String(start.getBytes(UTF_8), UTF_8)).as("no half pair").isEqualTo(start);
    int encoded = 0;
    for (byte b : cut.message().getBytes(UTF_8)) {
      encoded += b >= ' ' && b < 0x7f && b != '%' ? 1 : 3;
    }
    assertThat(encoded).isBetween(8192 - 512 - 13, 8192 - 512);
  }

  @Test
  void onlyTheCodeIsLeftIfNoMessageFits() {
    assertThat(HeaderListLimit.fit(status("x".repeat(100), DETAILS), 520))
        .isEqualTo(status("", CallMetadata.EMPTY));
  }

  @Test
  void theLimitIsAtMostThatOfGoClients() {
    RpcStatus cut =
        HeaderListLimit.fit(status("x".repeat(17 << 20), CallMetadata.EMPTY), 0xffffffffL);

    assertThat(cut.message().length()).isBetween((16 << 20) - 1024, (16 << 20) - 512);
  }
}
