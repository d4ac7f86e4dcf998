package io.crirouter.grpc;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.crirouter.core.CallMetadata;
import io.grpc.Metadata;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Converts headers and trailers between gRPC and the router. Headers of the connection or the
 * transport are left out. All others are forwarded: trace context, baggage, status details.
 */
final class Headers {
  /** Headers of one connection, besides pseudo headers and {@code grpc-*}. */
  private static final Set<String> HOP_BY_HOP =
      Set.of(
          "connection",
          "content-length",
          "content-type",
          "host",
          "keep-alive",
          "proxy-connection",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "user-agent");

  private Headers() {}

  /**
   * The headers to forward, sorted by name, because gRPC does not keep the order of names. The
   * values of one name keep their order.
   */
  static CallMetadata fromGrpc(Metadata headers) {
    List<String> names = new ArrayList<>(0);
    for (String name : headers.keys()) {
      if (isForwarded(name)) {
        names.add(name);
      }
    }
    if (names.isEmpty()) {
      return CallMetadata.EMPTY;
    }
    Collections.sort(names);
    List<CallMetadata.Entry> entries = new ArrayList<>(names.size());
    names.forEach(name -> addValues(name, headers, entries));
    return CallMetadata.of(entries);
  }

  /** The headers for gRPC, without those whose names gRPC cannot send. */
  static Metadata toGrpc(CallMetadata headers) {
    Metadata metadata = new Metadata();
    for (CallMetadata.Entry entry : headers.entries()) {
      String name = entry.key();
      if (!isForwarded(name)) {
        continue;
      }
      if (isBinary(name)) {
        metadata.put(
            Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER), entry.value().toByteArray());
      } else {
        metadata.put(
            Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER),
            entry.value().toString(US_ASCII));
      }
    }
    return metadata;
  }

  private static void addValues(
      String name, Metadata headers, List<? super CallMetadata.Entry> entries) {
    if (isBinary(name)) {
      @Nullable Iterable<byte[]> values =
          headers.getAll(Metadata.Key.of(name, Metadata.BINARY_BYTE_MARSHALLER));
      if (values != null) {
        values.forEach(
            value ->
                entries.add(new CallMetadata.Entry(name, UnsafeByteOperations.unsafeWrap(value))));
      }
    } else {
      @Nullable Iterable<String> values =
          headers.getAll(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER));
      if (values != null) {
        values.forEach(
            value ->
                entries.add(new CallMetadata.Entry(name, ByteString.copyFrom(value, US_ASCII))));
      }
    }
  }

  /**
   * Whether a header is forwarded. Textual {@code grpc-*} headers belong to the connection. Binary
   * ones, such as status details and trace context, are for the peers.
   */
  private static boolean isForwarded(String name) {
    if (HOP_BY_HOP.contains(name) || (name.startsWith("grpc-") && !isBinary(name))) {
      return false;
    }
    return isValidName(name);
  }

  private static boolean isBinary(String name) {
    return name.endsWith(Metadata.BINARY_HEADER_SUFFIX);
  }

  /** Whether gRPC accepts the name. It rejects pseudo headers such as {@code :status} too. */
  private static boolean isValidName(String name) {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      boolean valid =
          (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
      if (!valid) {
        return false;
      }
    }
    return !name.isEmpty();
  }
}
