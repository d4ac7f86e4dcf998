package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import io.crirouter.examples.bench.SampleContainers;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Measures the growth of cost with the number of containers, of runtimes, and of lists. */
final class Growth {
  private static final int[] CONTAINERS = {100, 1000, 2500, 5000, 7500, 10_000};
  private static final int MAX_CONTAINERS = CONTAINERS[CONTAINERS.length - 1];
  private static final int REPEATS = 5;
  private static final int MANY = 10;
  private static final int LISTS = 600;
  private static final int LISTS_PER_POINT = 50;
  private static final Duration TIME = Duration.ofMillis(400);
  private static final String CONTAINERS_LABEL = "containers on the node";
  private static final String TWO = "criproxy, 2 runtimes";
  private static final String TEN = "criproxy, 10 runtimes";

  private final Testbed testbed;
  private final EventLoopGroup loop;
  private final Curve latency =
      new Curve("ContainerStatus, 1 in flight", CONTAINERS_LABEL, "median, us");
  private final Curve cpu =
      new Curve("ContainerStatus, 32 in flight", CONTAINERS_LABEL, "proxy CPU, us/call");
  private final Curve lists = new Curve("ListContainers", CONTAINERS_LABEL, "median, ms");
  private final Curve memory =
      new Curve("Memory of a fresh proxy", "lists of 5 MB so far", "RSS, MiB");

  private Growth(Testbed testbed, EventLoopGroup loop) {
    this.testbed = testbed;
    this.loop = loop;
  }

  /** The runtimes for this measurement. */
  static List<String> runtimes() {
    List<String> specs = new ArrayList<>();
    specs.add(Testbed.WHOLE + "=" + MAX_CONTAINERS);
    specs.add(Testbed.FIRST + "=" + MAX_CONTAINERS / 2);
    specs.add(Testbed.SECOND + "=" + MAX_CONTAINERS / 2);
    many().forEach(name -> specs.add(name + "=" + MAX_CONTAINERS / MANY));
    return specs;
  }

  private static Stream<String> many() {
    return IntStream.range(0, MANY).mapToObj(i -> "r" + i);
  }

  static List<Curve> measure(Testbed testbed, EventLoopGroup loop) throws IOException {
    Growth growth = new Growth(testbed, loop);
    growth.measureContainers();
    growth.measureMemory();
    return List.of(growth.latency, growth.cpu, growth.lists, growth.memory);
  }

  private void measureContainers() throws IOException {
    List<String> two = List.of(Testbed.FIRST, Testbed.SECOND);
    try (Contender direct =
            new Contender("direct", caller(testbed.socket(Testbed.WHOLE)), List.of(), null);
        Contender nginx = contender("nginx", testbed.startNginx());
        Contender withTwo = contender(TWO, testbed.startProxy(two));
        Contender withTen = contender(TEN, testbed.startProxy(many().toList()))) {
      List<Contender> all = List.of(direct, nginx, withTwo, withTen);
      warmUp(all);
      for (int containers : CONTAINERS) {
        setContainers(containers);
        for (Contender contender : all) {
          lists.add(
              contender.name(),
              containers,
              median(contender, this::list, m -> m.medianMicros() / 1e3));
        }
        for (Contender contender : List.of(withTwo, withTen)) {
          measureStatus(contender, containers);
        }
      }
    }
  }

  private void measureStatus(Contender contender, int containers) {
    List<ByteString> requests = requests(contender, containers);
    latency.add(
        contender.name(),
        containers,
        median(
            contender,
            caller -> caller.oneByOne("ContainerStatus", requests, TIME),
            Measured::medianMicros));
    cpu.add(
        contender.name(),
        containers,
        median(
            contender,
            caller -> caller.manyAtOnce("ContainerStatus", requests, TIME, 32),
            Measured::cpuMillis));
  }

  private void warmUp(List<Contender> contenders) throws IOException {
    setContainers(1000);
    for (Contender contender : contenders) {
      for (int i = 0; i < REPEATS; i++) {
        Measured unused = Measured.of(contender, this::list);
        if (contender.daemon() != null && !contender.name().equals("nginx")) {
          List<ByteString> requests = requests(contender, 1000);
          unused =
              Measured.of(
                  contender, caller -> caller.manyAtOnce("ContainerStatus", requests, TIME, 32));
        }
      }
    }
  }

  /** Measures the memory of a new proxy after numbers of lists. */
  private void measureMemory() throws IOException {
    testbed.setContainersOfEach(2500);
    try (Contender proxy =
        contender(TWO, testbed.startProxy(List.of(Testbed.FIRST, Testbed.SECOND)))) {
      for (int made = 0; made <= LISTS; made += LISTS_PER_POINT) {
        memory.add("criproxy, 2 runtimes", made, residentMib(proxy));
        for (int i = 0; i < LISTS_PER_POINT; i++) {
          ByteString unused = proxy.caller().call("ListContainers", ByteString.EMPTY);
        }
      }
    }
  }

  private static double residentMib(Contender proxy) {
    Daemon daemon = proxy.daemon();
    return daemon == null ? 0 : daemon.cost().residentMib();
  }

  private void setContainers(int containers) throws IOException {
    testbed.setContainersOfEach(containers / 2);
    for (String name : many().toList()) {
      testbed.setContainers(name, containers / MANY);
    }
  }

  private Sample list(Caller caller) {
    return caller.oneByOne("ListContainers", List.of(ByteString.EMPTY), TIME);
  }

  /** ContainerStatus requests for containers of all runtimes behind a proxy, evenly spread. */
  private static List<ByteString> requests(Contender contender, int containers) {
    List<SampleContainers> owners =
        contender.name().equals(TWO)
            ? List.of(
                SampleContainers.of(Testbed.FIRST),
                SampleContainers.of(Testbed.SECOND).behindRouter())
            : many()
                .map(SampleContainers::of)
                .map(own -> own.runtime().equals("r0") ? own : own.behindRouter())
                .toList();
    int step = Math.max(1, containers / 1000);
    return IntStream.range(0, containers / step)
        .mapToObj(i -> owners.get(i % owners.size()).statusRequest(i * step / owners.size()))
        .toList();
  }

  private static double median(
      Contender contender, Function<Caller, Sample> load, ToDoubleFunction<Measured> figure) {
    List<Double> figures = new ArrayList<>();
    for (int i = 0; i < REPEATS; i++) {
      figures.add(figure.applyAsDouble(Measured.of(contender, load)));
    }
    return Spread.of(figures).median();
  }

  private Contender contender(String name, Daemon daemon) throws IOException {
    Caller caller = caller(daemon.socket());
    double unused = daemon.awaitAnswer(() -> caller.call("Version", ByteString.EMPTY));
    return new Contender(name, caller, List.of(), daemon);
  }

  private Caller caller(Path socket) {
    return new Caller(socket, loop);
  }
}
