package io.crirouter.examples.bench.soak;

import io.crirouter.examples.bench.RuntimesProcess;
import io.crirouter.testkit.FakeRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The program of runtimes with faults. One sends GOAWAY after each answer. One sends as many events
 * as are read, and one hangs, both from the first line of standard input on. Ends with its standard
 * input.
 */
public final class FaultyRuntimes {
  static final String GOAWAY = "goaway";
  static final String FLOODING = "flood";
  static final String HANGING = "hang";

  private FaultyRuntimes() {}

  /**
   * Serves until standard input ends.
   *
   * @param args the folder for the sockets
   */
  public static void main(String[] args) throws IOException {
    FakeRuntime hanging = HealthyRuntimes.serve(args[0], HANGING);
    new GoAwayRuntime(Path.of(args[0], GOAWAY + ".sock")).start();
    FloodingRuntime flooding = FloodingRuntime.serve(Path.of(args[0], FLOODING + ".sock"));
    RuntimesProcess.reply();
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      hanging.hang();
      flooding.begin();
      RuntimesProcess.reply();
    }
    System.exit(0);
  }
}
