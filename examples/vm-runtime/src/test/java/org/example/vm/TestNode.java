package org.example.vm;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** A node with containerd and the runtime for VMs. */
interface TestNode extends AutoCloseable {
  /** Kills the process of the runtime for VMs, and starts it again. */
  void restart() throws IOException, InterruptedException;

  @Override
  void close() throws IOException;

  /** The deployments of runtime and router. */
  enum Way {
    /** One process contains both. */
    IN_ONE_PROCESS {
      @Override
      TestNode start(Path containerd, Path socket, VmOptions options) throws IOException {
        return new Processes(
            "org.example.vm.VmNode",
            List.of(containerd.toString(), socket.toString()),
            socket,
            options,
            () -> {});
      }
    },
    /** The runtime serves its own socket, to which the router connects. */
    BY_ITS_OWN_SOCKET {
      @Override
      TestNode start(Path containerd, Path socket, VmOptions options) throws IOException {
        Path own = socket.resolveSibling("vm.sock");
        EventLoops loops = EventLoops.create();
        GrpcBackend primary = GrpcBackend.builder(containerd).eventLoops(loops).build();
        GrpcBackend vms = GrpcBackend.builder(own).eventLoops(loops).build();
        CriRouter router =
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .primary(BackendName.of("containerd"), primary)
                .secondary(BackendName.of("vm.example"), vms)
                .build();
        CriServer server = CriServer.builder(router).socket(socket).eventLoops(loops).start();
        List<String> arguments = List.of(own.toString());
        return new Processes(
            "org.example.vm.VmServer",
            arguments,
            own,
            options,
            () -> {
              server.close();
              router.close();
              vms.close();
              primary.close();
              loops.close();
            });
      }
    };

    /** Starts the node, and waits until the socket exists. */
    abstract TestNode start(Path containerd, Path socket, VmOptions options) throws IOException;
  }

  /** A node whose runtime is a program of this example. */
  final class Processes implements TestNode {
    private final List<String> command = new ArrayList<>();
    private final Path socket;
    private final Path log;
    private final Runnable afterwards;
    private Process process;

    private Processes(
        String program, List<String> arguments, Path socket, VmOptions options, Runnable afterwards)
        throws IOException {
      this.socket = socket;
      this.log = socket.resolveSibling("program.log");
      this.afterwards = afterwards;
      command.addAll(List.of(System.getProperty("java.home") + "/bin/java", "-cp"));
      command.addAll(List.of(System.getProperty("java.class.path"), program));
      command.addAll(arguments);
      command.addAll(options.arguments());
      process = start();
    }

    private Process start() throws IOException {
      Files.deleteIfExists(socket);
      Process started =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
              .start();
      while (!Files.exists(socket)) {
        if (!started.isAlive()) {
          throw new IOException("the program has ended: " + Files.readString(log));
        }
        LockSupport.parkNanos(20_000_000);
      }
      return started;
    }

    @Override
    public void restart() throws IOException, InterruptedException {
      process.destroyForcibly().waitFor();
      process = start();
    }

    @Override
    public void close() throws IOException {
      process.destroy();
      try {
        process.waitFor();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      afterwards.run();
    }
  }
}
