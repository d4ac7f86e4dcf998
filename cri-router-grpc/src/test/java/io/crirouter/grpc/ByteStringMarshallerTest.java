package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.randomBytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

class ByteStringMarshallerTest {
  private static final ByteStringMarshaller MARSHALLER = ByteStringMarshaller.INSTANCE;

  /** A message of known length, as the transport has it without compression. */
  private static final class KnownStream extends ByteArrayInputStream implements KnownLength {
    private final int available;

    KnownStream(ByteString bytes, int available) {
      super(bytes.toByteArray());
      this.available = available;
    }

    @Override
    public int available() {
      return available;
    }
  }

  @Test
  void messagesAreParsedWithAndWithoutAKnownLength() {
    for (int size : new int[] {0, 1, 5000}) {
      ByteString message = randomBytes(size);
      assertThat(MARSHALLER.parse(new KnownStream(message, size))).isEqualTo(message);
      assertThat(MARSHALLER.parse(new ByteArrayInputStream(message.toByteArray())))
          .isEqualTo(message);
    }
  }

  @Test
  void aMessageThatEndsTooEarlyIsAnError() {
    assertThatThrownBy(() -> MARSHALLER.parse(new KnownStream(randomBytes(5), 6)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
              assertThat(e.getStatus().getDescription()).contains("ends after 5 of 6 bytes");
            });
  }

  @Test
  void aMessageCanBeReadOrDrained() throws IOException {
    ByteString message = randomBytes(1000).concat(randomBytes(3000));

    assertThat(ByteString.copyFrom(MARSHALLER.stream(message).readAllBytes())).isEqualTo(message);

    InputStream stream = MARSHALLER.stream(message);
    assertThat(stream).isInstanceOf(KnownLength.class);
    assertThat(stream.available()).isEqualTo(4000);
    assertThat(stream.read()).isEqualTo(message.byteAt(0) & 0xff);
    ByteArrayOutputStream rest = new ByteArrayOutputStream();
    assertThat(((Drainable) stream).drainTo(rest)).isEqualTo(3999);
    assertThat(ByteString.copyFrom(rest.toByteArray())).isEqualTo(message.substring(1));
    assertThat(stream.read()).isEqualTo(-1);
    assertThat(stream.read(new byte[2], 0, 2)).isEqualTo(-1);
  }
}
