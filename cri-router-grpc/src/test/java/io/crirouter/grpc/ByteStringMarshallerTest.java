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

  /** A message whose length the transport knows, as it does unless there is compression. */
  private static final class Known extends ByteArrayInputStream implements KnownLength {
    private final int available;

    Known(ByteString bytes, int available) {
      super(bytes.toByteArray());
      this.available = available;
    }

    @Override
    public int available() {
      return available;
    }
  }

  @Test
  void messagesComeInWithAndWithoutAKnownLength() {
    for (int size : new int[] {0, 1, 5000}) {
      ByteString message = randomBytes(size);
      assertThat(MARSHALLER.parse(new Known(message, size))).isEqualTo(message);
      assertThat(MARSHALLER.parse(new ByteArrayInputStream(message.toByteArray())))
          .isEqualTo(message);
    }
  }

  @Test
  void aMessageThatEndsTooEarlyIsAnError() {
    assertThatThrownBy(() -> MARSHALLER.parse(new Known(randomBytes(5), 6)))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
              assertThat(e.getStatus().getDescription()).contains("ends after 5 of 6 bytes");
            });
  }

  @Test
  void messagesGoOutByAnyWayOfReading() throws IOException {
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
