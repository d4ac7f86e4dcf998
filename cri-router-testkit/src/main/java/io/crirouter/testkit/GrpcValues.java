package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.RpcStatus;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Converts between the status and metadata types of the core and of gRPC. */
final class GrpcValues {
  private static final Metadata.BinaryMarshaller<byte[]> BINARY = Metadata.BINARY_BYTE_MARSHALLER;

  private GrpcValues() {}

  static Status status(RpcStatus status) {
    Status.Code code = Status.fromCodeValue(status.code().number()).getCode();
    Status plain = code.toStatus();
    return status.message().isEmpty() ? plain : plain.withDescription(status.message());
  }

  static Metadata metadata(CallMetadata entries) {
    Metadata metadata = new Metadata();
    for (CallMetadata.Entry entry : entries.entries()) {
      if (isBinary(entry.key())) {
        metadata.put(Metadata.Key.of(entry.key(), BINARY), entry.value().toByteArray());
      } else {
        metadata.put(ascii(entry.key()), entry.value().toString(StandardCharsets.US_ASCII));
      }
    }
    return metadata;
  }

  static CallMetadata metadata(Metadata metadata) {
    List<CallMetadata.Entry> entries = new ArrayList<>();
    for (String key : metadata.keys()) {
      if (isBinary(key)) {
        for (byte[] value : all(metadata, Metadata.Key.of(key, BINARY))) {
          entries.add(new CallMetadata.Entry(key, ByteString.copyFrom(value)));
        }
      } else {
        for (String value : all(metadata, ascii(key))) {
          ByteString bytes = ByteString.copyFrom(value, StandardCharsets.US_ASCII);
          entries.add(new CallMetadata.Entry(key, bytes));
        }
      }
    }
    return CallMetadata.of(entries);
  }

  private static <T> Iterable<T> all(Metadata metadata, Metadata.Key<T> key) {
    Iterable<T> values = metadata.getAll(key);
    return values == null ? List.of() : values;
  }

  private static boolean isBinary(String key) {
    return key.endsWith(Metadata.BINARY_HEADER_SUFFIX);
  }

  private static Metadata.Key<String> ascii(String key) {
    return Metadata.Key.of(key, Metadata.ASCII_STRING_MARSHALLER);
  }
}
