package io.crirouter.grpc;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** The rpcs of CRI as gRPC methods whose messages are bytes. */
final class RawMethods {
  private static final Map<ApiVersion, Map<CriMethod, MethodDescriptor<ByteString, ByteString>>>
      KNOWN = describeAll();

  private RawMethods() {}

  /** The method for clients. */
  static MethodDescriptor<ByteString, ByteString> of(CriMethod method, ApiVersion version) {
    MethodDescriptor<ByteString, ByteString> known = requireNonNull(KNOWN.get(version)).get(method);
    return known != null ? known : describe(method, version);
  }

  /**
   * The method for servers. It permits any number of requests, which the server counts itself: gRPC
   * would reset the stream of a client that sends two, which the client sees as CANCELLED.
   */
  static MethodDescriptor<ByteString, ByteString> served(CriMethod method, ApiVersion version) {
    return of(method, version).toBuilder(RequestMarshaller.INSTANCE, ByteStringMarshaller.INSTANCE)
        .setType(method.serverStreaming() ? MethodType.BIDI_STREAMING : MethodType.CLIENT_STREAMING)
        .build();
  }

  /** A method with this path whose messages are not read. */
  static MethodDescriptor<ByteString, ByteString> unknown(String path) {
    return describe(path, MethodType.UNKNOWN);
  }

  private static Map<ApiVersion, Map<CriMethod, MethodDescriptor<ByteString, ByteString>>>
      describeAll() {
    Map<ApiVersion, Map<CriMethod, MethodDescriptor<ByteString, ByteString>>> all =
        new EnumMap<>(ApiVersion.class);
    for (ApiVersion version : ApiVersion.values()) {
      Map<CriMethod, MethodDescriptor<ByteString, ByteString>> methods = new HashMap<>();
      CriMethod.all().forEach(method -> methods.put(method, describe(method, version)));
      all.put(version, methods);
    }
    return all;
  }

  private static MethodDescriptor<ByteString, ByteString> describe(
      CriMethod method, ApiVersion version) {
    return describe(
        method.path(version.wireName()),
        method.serverStreaming() ? MethodType.SERVER_STREAMING : MethodType.UNARY);
  }

  private static MethodDescriptor<ByteString, ByteString> describe(String path, MethodType type) {
    return MethodDescriptor.newBuilder(ByteStringMarshaller.INSTANCE, ByteStringMarshaller.INSTANCE)
        .setFullMethodName(path)
        .setType(type)
        .build();
  }
}
