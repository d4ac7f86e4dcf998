package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.MethodDescriptor.MethodType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/**
 * CRI methods whose messages are bytes, which clients and runtimes of the load program do not
 * decode.
 */
final class RawBytes {
  private RawBytes() {}

  /** A method whose answers are read. */
  static MethodDescriptor<ByteString, ByteString> method(String path) {
    return describe(path, new BytesMarshaller());
  }

  /** The same method for a client that reads only the size of answers, at the least cost. */
  static MethodDescriptor<ByteString, Integer> sizeOnly(String path) {
    return describe(path, new SizeMarshaller());
  }

  private static <T> MethodDescriptor<ByteString, T> describe(String path, Marshaller<T> answers) {
    return MethodDescriptor.newBuilder(new BytesMarshaller(), answers)
        .setFullMethodName(path)
        .setType(MethodType.UNARY)
        .build();
  }

  private static final class BytesMarshaller implements Marshaller<ByteString> {
    @Override
    public InputStream stream(ByteString value) {
      return new Outgoing(value);
    }

    @Override
    public ByteString parse(InputStream stream) {
      try {
        return ByteString.readFrom(stream);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private static final class SizeMarshaller implements Marshaller<Integer> {
    @Override
    public InputStream stream(Integer value) {
      throw new UnsupportedOperationException("a size cannot be sent");
    }

    @Override
    public Integer parse(InputStream stream) {
      try {
        return stream.available();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** A message to send. gRPC reads its size and then calls {@link #drainTo}. */
  private static final class Outgoing extends ByteArrayInputStream
      implements Drainable, KnownLength {
    private final ByteString value;

    Outgoing(ByteString value) {
      super(new byte[0]);
      this.value = value;
    }

    /** ByteString.writeTo would copy the bytes, to protect them from the stream. */
    @Override
    public int drainTo(OutputStream target) throws IOException {
      UnsafeByteOperations.unsafeWriteTo(value, new StreamOutput(target));
      return value.size();
    }

    @Override
    public int available() {
      return value.size();
    }
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
      target.write(value.array(), value.arrayOffset() + value.position(), value.remaining());
    }

    @Override
    public void writeLazy(ByteBuffer value) throws IOException {
      write(value);
    }
  }
}
