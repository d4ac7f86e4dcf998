package io.crirouter.examples.bench.load;

import static java.util.Objects.requireNonNull;

import io.crirouter.examples.bench.RuntimesProcess;
import io.crirouter.examples.bench.SampleContainers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The program of the runtimes, each on a socket and a thread of its own. A line {@code NAME COUNT}
 * of standard input sets the number of containers that a runtime lists. With {@code NAME COUNT
 * changing} the order of map entries changes with each list. Ends with its standard input.
 */
public final class FakeRuntimes {
  private FakeRuntimes() {}

  /**
   * Serves until standard input ends.
   *
   * @param args the folder for the sockets, then {@code NAME=CONTAINERS} for each runtime
   */
  public static void main(String[] args) throws IOException {
    Map<String, FakeRuntime> runtimes = new HashMap<>();
    for (int i = 1; i < args.length; i++) {
      String[] runtime = args[i].split("=", 2);
      FakeRuntime fake =
          new FakeRuntime(SampleContainers.of(runtime[0]), Integer.parseInt(runtime[1]));
      fake.serve(Path.of(args[0], runtime[0] + ".sock"));
      runtimes.put(runtime[0], fake);
    }
    RuntimesProcess.reply();
    BufferedReader commands =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = commands.readLine(); line != null; line = commands.readLine()) {
      String[] command = line.split(" ", -1);
      requireNonNull(runtimes.get(command[0]), command[0])
          .setContainers(Integer.parseInt(command[1]), command.length > 2);
      RuntimesProcess.reply();
    }
    System.exit(0);
  }
}
