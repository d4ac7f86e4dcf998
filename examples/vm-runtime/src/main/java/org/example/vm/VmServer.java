package org.example.vm;

// snippet: server
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The runtime for VMs alone, for a router that runs in a process of its own. */
public final class VmServer {
  private VmServer() {}

  /**
   * Serves CRI on a socket until the process is stopped.
   *
   * @param args the socket, and the options of the runtime
   */
  public static void main(String[] args) throws IOException {
    VmOptions options = VmOptions.parse(List.of(args).subList(1, args.length));
    Program.untilStopped(() -> serve(Path.of(args[0]), options));
  }

  static void serve(Path socket, VmOptions options) throws IOException, InterruptedException {
    try (VmRuntime vms = VmRuntime.open(options);
        EventLoops loops = EventLoops.create();
        CriServer server =
            CriServer.builder(vms.backend()).socket(socket).eventLoops(loops).start()) {
      Thread.sleep(Long.MAX_VALUE);
    }
  }
}
// end
