package io.crirouter.grpc;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The rpcs of a server: all of CRI in some versions. Any other rpc is UNIMPLEMENTED. */
final class ServedRpcs extends HandlerRegistry {
  /** Handles a call of a client. */
  interface CallStarter {
    /** Returns the listener for the events of the client. */
    ServerCall.Listener<ByteString> start(
        CriMethod method, ServerCall<ByteString, ByteString> call, Metadata headers);
  }

  private final Map<String, ServerMethodDefinition<?, ?>> methods = new HashMap<>();
  private final String versions;

  ServedRpcs(Set<ApiVersion> versions, CallStarter starter) {
    for (ApiVersion version : versions) {
      for (CriMethod method : CriMethod.all()) {
        MethodDescriptor<ByteString, ByteString> descriptor = RawMethods.served(method, version);
        methods.put(
            descriptor.getFullMethodName(),
            ServerMethodDefinition.create(
                descriptor, (call, headers) -> starter.start(method, call, headers)));
      }
    }
    this.versions =
        new TreeSet<>(versions)
            .stream().map(version -> "runtime." + version).collect(Collectors.joining(" and "));
  }

  @Override
  public ServerMethodDefinition<?, ?> lookupMethod(String path, @Nullable String authority) {
    ServerMethodDefinition<?, ?> known = methods.get(path);
    return known != null ? known : unknown(path);
  }

  /** Kubelets fall back to other rpcs if one is UNIMPLEMENTED. */
  private ServerMethodDefinition<ByteString, ByteString> unknown(String path) {
    return ServerMethodDefinition.create(
        RawMethods.unknown(path),
        (call, headers) -> {
          call.close(
              Status.UNIMPLEMENTED.withDescription(
                  "no rpc " + path + " here: the services of " + versions + " are served"),
              new Metadata());
          return new ServerCall.Listener<>() {};
        });
  }
}
