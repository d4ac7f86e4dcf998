package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/**
 * Reads requests. Returns a constant instead of throwing if a request cannot be decompressed or is
 * too large then: gRPC would log each exception with a stack trace and answer UNKNOWN.
 */
enum RequestMarshaller implements Marshaller<ByteString> {
  INSTANCE;

  /** Stands for a request that is too large when decompressed. */
  static final ByteString TOO_LARGE = ByteString.copyFromUtf8("too large");

  /** Stands for a request that cannot be decompressed. */
  static final ByteString UNREADABLE = ByteString.copyFromUtf8("unreadable");

  @Override
  public InputStream stream(ByteString value) {
    return ByteStringMarshaller.INSTANCE.stream(value);
  }

  @Override
  public ByteString parse(InputStream stream) {
    try {
      return ByteStringMarshaller.INSTANCE.parse(stream);
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED ? TOO_LARGE : UNREADABLE;
    }
  }
}
