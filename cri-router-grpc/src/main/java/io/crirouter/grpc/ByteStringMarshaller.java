package io.crirouter.grpc;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Reads and writes messages as bytes. A received message is copied once, into an array of its size.
 * A sent message is copied once, into the buffer of the transport.
 */
enum ByteStringMarshaller implements Marshaller<ByteString> {
  INSTANCE;

  @Override
  public InputStream stream(ByteString value) {
    return new Outgoing(value);
  }

  @Override
  public ByteString parse(InputStream stream) {
    try {
      return stream instanceof KnownLength
          ? readExactly(stream, stream.available())
          : ByteString.readFrom(stream);
    } catch (IOException e) {
      throw Status.INTERNAL
          .withDescription("cannot read the message: " + e.getMessage())
          .withCause(e)
          .asRuntimeException();
    }
  }

  private static ByteString readExactly(InputStream stream, int size) throws IOException {
    byte[] bytes = new byte[size];
    int read = stream.readNBytes(bytes, 0, size);
    if (read != size) {
      throw new IOException("it ends after " + read + " of " + size + " bytes");
    }
    // No other code has a reference to the array.
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  /** Writes to a stream that does not keep or change the arrays. */
  private static final class StreamOutput extends ByteOutput {
    private final OutputStream target;

    StreamOutput(OutputStream target) {
      this.target = target;
    }

    @Override
    public void write(byte value) throws IOException {
      target.write(value);
    }

    @Override
    public void write(byte[] value, int offset, int length) throws IOException {
      target.write(value, offset, length);
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) throws IOException {
      target.write(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) throws IOException {
      writeLazy(value);
    }

    @Override
    public void writeLazy(ByteBuffer value) throws IOException {
      if (value.hasArray()) {
        target.write(value.array(), value.arrayOffset() + value.position(), value.remaining());
        value.position(value.limit());
      } else {
        byte[] copy = new byte[value.remaining()];
        value.get(copy);
        target.write(copy);
      }
    }
  }

  /** A message to send. gRPC calls {@link #drainTo} once, or reads it if it compresses. */
  private static final class Outgoing extends InputStream implements Drainable, KnownLength {
    private ByteString rest;

    Outgoing(ByteString value) {
      rest = value;
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int size = rest.size();
      // ByteString.writeTo would copy the bytes once more, to protect them from the stream.
      UnsafeByteOperations.unsafeWriteTo(rest, new StreamOutput(target));
      rest = ByteString.EMPTY;
      return size;
    }

    @Override
    public int available() {
      return rest.size();
    }

    @Override
    public int read() {
      if (rest.isEmpty()) {
        return -1;
      }
      int next = rest.byteAt(0) & 0xff;
      rest = rest.substring(1);
      return next;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
      if (length == 0) {
        return 0;
      }
      if (rest.isEmpty()) {
        return -1;
      }
      int count = Math.min(length, rest.size());
      rest.substring(0, count).copyTo(target, offset);
      rest = rest.substring(count);
      return count;
    }
  }
}
