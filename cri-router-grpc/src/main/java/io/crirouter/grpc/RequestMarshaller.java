package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;

/**
 * Takes requests off the wire. One that cannot be decompressed, or only to more than the limit, is
 * no reason to throw: gRPC would log an error with a stack trace for it, as often as a client
 * likes, and answer UNKNOWN.
 */
enum RequestMarshaller implements Marshaller<ByteString> {
  INSTANCE;

  /** Stands for a request that is too large when it is decompressed. */
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
