package io.crirouter.examples.criproxy.admin;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.SocketServer;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The messages of an admin client whose call fails. */
@Timeout(30)
class AdminClientTest {
  private static final Duration LIMIT = Duration.ofSeconds(1);

  @TempDir private Path folder;

  @Test
  void aTimeoutNamesTheLimitOfTheCall() throws Exception {
    Path socket = folder.resolve("admin.sock");
    ServerServiceDefinition unanswered =
        ServerServiceDefinition.builder(AdminRpcs.SERVICE)
            .addMethod(AdminRpcs.HEALTH, ServerCalls.asyncUnaryCall((request, response) -> {}))
            .build();
    try (EventLoops loops = EventLoops.create();
        SocketServer server =
            SocketServer.builder()
                .socket(socket)
                .eventLoops(loops)
                .executor(Runnable::run)
                .service(unanswered)
                .start();
        AdminClient client = AdminClient.connect(server.socket())) {
      assertThatThrownBy(() -> client.call(AdminRpcs.HEALTH, new NoArguments(), LIMIT))
          .isInstanceOf(IOException.class)
          .hasMessage("the proxy at " + socket + " did not answer within 1 s");
    }
  }
}
