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

/** Messages without meaning: neither the load program's clients nor its runtimes decode any. */
final class RawBytes {
  private RawBytes() {}

  /** An rpc of CRI v1 whose answers are read whole. */
  static MethodDescriptor<ByteString, ByteString> method(String path) {
    return describe(path, new Whole());
  }

  /**
   * The same rpc, of whose answers only the size is looked at: the lightest client there can be.
   */
  static MethodDescriptor<ByteString, Integer> sizeOnly(String path) {
    return describe(path, new SizeOnly());
  }

  private static <T> MethodDescriptor<ByteString, T> describe(String path, Marshaller<T> answers) {
    return MethodDescriptor.newBuilder(new Whole(), answers)
        .setFullMethodName(path)
        .setType(MethodType.UNARY)
        .build();
  }

  private static final class Whole implements Marshaller<ByteString> {
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

  private static final class SizeOnly implements Marshaller<Integer> {
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

  /** gRPC asks for the size and then drains it. */
  private static final class Outgoing extends ByteArrayInputStream
      implements Drainable, KnownLength {
    private final ByteString value;

    Outgoing(ByteString value) {
      super(new byte[0]);
      this.value = value;
    }

    /** A ByteString would copy itself for an OutputStream, which might change it. */
    @Override
    public int drainTo(OutputStream target) throws IOException {
      UnsafeByteOperations.unsafeWriteTo(value, new Passing(target));
      return value.size();
    }

    @Override
    public int available() {
      return value.size();
    }
  }

  /** Hands arrays on to a stream that only reads them. */
  private static final class Passing extends ByteOutput {
    private final OutputStream target;

    Passing(OutputStream target) {
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
