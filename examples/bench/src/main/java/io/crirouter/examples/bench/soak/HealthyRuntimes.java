package io.crirouter.examples.bench.soak;

import io.crirouter.examples.bench.RuntimesProcess;
import io.crirouter.grpc.CriServer;
import io.crirouter.testkit.FakeRuntime;
import java.io.IOException;
import java.nio.file.Path;

/** The program of runtimes without faults. Ends with its standard input. */
public final class HealthyRuntimes {
  private HealthyRuntimes() {}

  /**
   * Serves until standard input ends.
   *
   * @param args the folder for the sockets, then the names of the runtimes
   */
  public static void main(String[] args) throws IOException {
    for (int i = 1; i < args.length; i++) {
      serve(args[0], args[i]);
    }
    RuntimesProcess.reply();
    while (System.in.read() >= 0) {}
    System.exit(0);
  }

  /** Serves a fake runtime at a socket with its name. */
  static FakeRuntime serve(String folder, String name) throws IOException {
    FakeRuntime runtime = FakeRuntime.named(name).images(SoakKubelet.IMAGE).build();
    // It ends with the process.
    CriServer unused = runtime.serve(Path.of(folder, name + ".sock"));
    return runtime;
  }
}
