package io.crirouter.examples.bench.load;

import static java.util.stream.Collectors.toCollection;

import com.google.protobuf.ByteString;
import io.crirouter.examples.bench.SampleContainers;
import io.crirouter.examples.bench.Sockets;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Measures the proxy against a direct call and against nginx, and prints a table. */
@Command(
    name = "load",
    description = "Measures criproxy against a direct call and against nginx as a pass-through.",
    mixinStandardHelpOptions = true)
public final class LoadProgram implements Callable<Integer> {
  private static final int CONTAINERS = 3050;
  private static final Duration WARM_UP = Duration.ofSeconds(2);
  private static final int WARM_UP_LENGTHS = 3;

  @Option(
      names = "--rounds",
      defaultValue = "5",
      description = "The number of rounds; ${DEFAULT-VALUE}.")
  private int rounds;

  @Option(
      names = "--seconds",
      defaultValue = "1",
      description = "Length of one measurement; ${DEFAULT-VALUE}.")
  private double seconds;

  @Option(
      names = "--cold-rounds",
      defaultValue = "3",
      description = "The number of new processes of each kind; ${DEFAULT-VALUE}.")
  private int coldRounds;

  @Option(
      names = "--only",
      split = ",",
      paramLabel = "SCENARIO",
      description = "Only these of ${COMPLETION-CANDIDATES}.")
  private List<Scenario> only = List.of(Scenario.values());

  @Option(
      names = "--brief",
      description = "A check that it works: two short rounds, one new process.")
  private boolean brief;

  @Option(
      names = "--curves",
      paramLabel = "FILE",
      description = "Also measure the growth of cost and draw it as SVG; takes two more minutes.")
  private Optional<Path> curves = Optional.empty();

  @Option(
      names = "--floor",
      description = "Also measure minimal proxies on gRPC-Java and on Netty.")
  private boolean floor;

  @Option(
      names = "--idle",
      paramLabel = "SECONDS",
      defaultValue = "10",
      description = "How long saves of the state are counted on an idle node; ${DEFAULT-VALUE}.")
  private int idleSeconds;

  @Option(names = "--json", paramLabel = "FILE", description = "The file for all figures.")
  private Optional<Path> json = Optional.empty();

  @Option(
      names = "--proxy",
      required = true,
      paramLabel = "COMMAND",
      description = "The command that starts criproxy.")
  private String proxyCommand = "";

  private LoadProgram() {}

  /** Runs the program; exits 0 if the measurement succeeded, whatever the figures. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new LoadProgram()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    if (!Nginx.isInstalled()) {
      System.err.println(
          "nginx is not installed; install it for the comparison: apt-get install nginx (its"
              + " service need not run)");
      return 1;
    }
    if (brief) {
      rounds = 2;
      seconds = 0.4;
      coldRounds = 1;
    }
    List<String> runtimes =
        Stream.of(
                Testbed.WHOLE + "=" + 2 * CONTAINERS,
                Testbed.FIRST + "=" + CONTAINERS,
                Testbed.SECOND + "=" + CONTAINERS)
            .collect(toCollection(ArrayList::new));
    EventLoopGroup loop = Sockets.newLoop();
    Report report = new Report();
    IdleNode idle;
    try (Testbed testbed = new Testbed(List.of(proxyCommand), runtimes)) {
      measureCold(testbed, loop, report);
      measureWarm(testbed, loop, report);
      progress("an idle node for " + idleSeconds + " s");
      idle = IdleNode.measure(testbed, Duration.ofSeconds(idleSeconds), loop);
    }
    if (curves.isPresent()) {
      try (Testbed testbed = new Testbed(List.of(proxyCommand), Growth.runtimes())) {
        progress("the growth of cost");
        report.addCurves(Growth.measure(testbed, loop));
        Files.writeString(curves.get(), Plot.draw(report.curves()));
      }
    }
    System.out.print(report.table());
    System.out.println(idle);
    if (json.isPresent()) {
      Files.writeString(json.get(), Json.write(report.toJson()));
    }
    return 0;
  }

  private void measureCold(Testbed testbed, EventLoopGroup loop, Report report) throws IOException {
    testbed.setContainersOfEach(50);
    try (Caller direct = new Caller(testbed.socket(Testbed.WHOLE), loop)) {
      // Warms up this process itself.
      direct.oneByOne("ContainerStatus", requests(Contender.DIRECT), WARM_UP);
    }
    for (int round = 0; round < coldRounds; round++) {
      for (ColdStart.Pace pace : paces()) {
        progress("new processes, " + pace.title() + ", round " + (round + 1));
        for (Map.Entry<String, ColdStart.Starter> proxy : proxies(testbed).entrySet()) {
          report.addCold(
              proxy.getKey(),
              pace,
              ColdStart.measure(proxy.getValue(), requests(proxy.getKey()), pace, loop));
        }
      }
    }
  }

  /** The starters of the proxies, by name. */
  private Map<String, ColdStart.Starter> proxies(Testbed testbed) {
    Map<String, ColdStart.Starter> proxies = new LinkedHashMap<>();
    proxies.put(Contender.NGINX, testbed::startNginx);
    if (floor) {
      proxies.put(Contender.FRAMES, testbed::startFramePassThrough);
      proxies.put(Contender.PASS_THROUGH, testbed::startPassThrough);
    }
    proxies.put(
        Contender.CRIPROXY, () -> testbed.startProxy(List.of(Testbed.FIRST, Testbed.SECOND)));
    return proxies;
  }

  private List<ColdStart.Pace> paces() {
    return brief ? List.of(ColdStart.Pace.BUSY) : List.of(ColdStart.Pace.values());
  }

  private void measureWarm(Testbed testbed, EventLoopGroup loop, Report report) throws IOException {
    List<Contender> contenders = new ArrayList<>();
    try {
      contenders.add(contender(Contender.DIRECT, null, testbed, loop));
      for (Map.Entry<String, ColdStart.Starter> proxy : proxies(testbed).entrySet()) {
        contenders.add(contender(proxy.getKey(), proxy.getValue().start(), testbed, loop));
      }
      Rounds all = new Rounds(testbed, contenders, only);
      progress("warming up");
      all.warmUp(length().multipliedBy(WARM_UP_LENGTHS));
      for (int round = 0; round < rounds; round++) {
        progress("round " + (round + 1) + " of " + rounds);
        all.run(round, length());
      }
      report.addWarm(all);
      for (Contender contender : contenders) {
        Daemon daemon = contender.daemon();
        if (daemon != null && only.contains(Scenario.LIST_5_MB)) {
          report.addResidentAfterLists(contender.name(), daemon.cost().residentMib());
        }
      }
    } finally {
      contenders.forEach(Contender::close);
    }
  }

  private static Contender contender(
      String name, @Nullable Daemon daemon, Testbed testbed, EventLoopGroup loop)
      throws IOException {
    Path socket = daemon == null ? testbed.socket(Testbed.WHOLE) : daemon.socket();
    List<ByteString> requests = requests(name);
    Caller caller = new Caller(socket, loop);
    if (daemon != null) {
      double unused = daemon.awaitAnswer(() -> caller.call("ContainerStatus", requests.get(0)));
    }
    return new Contender(name, caller, requests, daemon);
  }

  /** ContainerStatus requests; behind criproxy for the primary and the secondary in turn. */
  private static List<ByteString> requests(String contender) {
    boolean routed = contender.equals(Contender.CRIPROXY);
    SampleContainers even = SampleContainers.of(routed ? Testbed.FIRST : Testbed.WHOLE);
    SampleContainers odd = routed ? SampleContainers.of(Testbed.SECOND).behindRouter() : even;
    return IntStream.range(0, 500)
        .mapToObj(i -> (i % 2 == 0 ? even : odd).statusRequest(i))
        .toList();
  }

  private Duration length() {
    return Duration.ofNanos((long) (seconds * 1e9));
  }

  private static void progress(String what) {
    System.err.println("load: " + what);
  }
}
