package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One path from the client to the runtimes: direct or through a proxy.
 *
 * @param name the name in tables
 * @param caller the client
 * @param statusRequests ContainerStatus requests for containers on this path
 * @param daemon the proxy; null if there is none
 */
record Contender(
    String name, Caller caller, List<ByteString> statusRequests, @Nullable Daemon daemon)
    implements AutoCloseable {
  static final String DIRECT = "direct";
  static final String NGINX = "nginx";
  static final String FRAMES = "netty";
  static final String PASS_THROUGH = "grpc-java";
  static final String CRIPROXY = "criproxy";

  @Override
  public void close() {
    caller.close();
    if (daemon != null) {
      daemon.close();
    }
  }
}
