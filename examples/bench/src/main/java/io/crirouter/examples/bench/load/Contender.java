package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One way from the client to the containers.
 *
 * @param name as the table has it
 * @param caller the client's end
 * @param statusRequests ContainerStatus for the containers behind it
 * @param daemon the proxy on the way, null if there is none
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
