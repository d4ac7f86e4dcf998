package io.crirouter.examples.bench.soak;

import io.crirouter.testkit.FakeRuntime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The process of the runtimes that behave badly. One sends GOAWAY after each answer, one floods,
 * and one hangs from the first line of standard input on. Ends with its input.
 */
public final class HostileRuntimes {
  static final String STORMING = "storm";
  static final String FLOODING = "flood";
  static final String HANGING = "hang";

  private HostileRuntimes() {}

  /**
   * Serves until standard input ends.
   *
   * @param args the folder for the sockets
   */
  public static void main(String[] args) throws IOException {
    FakeRuntime hanging = GoodRuntimes.serve(args[0], HANGING);
    new GoAwayRuntime(Path.of(args[0], STORMING + ".sock")).start();
    FloodingRuntime flooding = FloodingRuntime.serve(Path.of(args[0], FLOODING + ".sock"));
    System.out.println("ok");
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      hanging.hang();
      flooding.begin();
      System.out.println("ok");
    }
    System.exit(0);
  }
}
