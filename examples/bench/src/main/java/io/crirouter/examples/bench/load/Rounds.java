package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import io.crirouter.examples.bench.SampleContainers;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * Measures every scenario with every contender, in rounds. Figures are compared within a round
 * only, because other load of the machine affects all contenders of a round in a similar way.
 */
final class Rounds {
  private final Testbed testbed;
  private final List<Contender> contenders;
  private final List<Scenario> scenarios;
  private final Map<Scenario, Map<String, List<Measured>>> measured = new EnumMap<>(Scenario.class);

  Rounds(Testbed testbed, List<Contender> contenders, List<Scenario> scenarios) {
    this.testbed = testbed;
    this.contenders = contenders;
    this.scenarios = scenarios;
  }

  /** Runs all scenarios, so that the processes compile their code. */
  void warmUp(Duration each) throws IOException {
    for (Scenario scenario : scenarios) {
      testbed.setContainersOfEach(scenario.containers());
      for (Contender contender : contenders) {
        scenario.run(contender, each);
      }
    }
  }

  /** Runs one round. Each starts with another contender. */
  void run(int round, Duration each) throws IOException {
    List<Contender> order = new ArrayList<>(contenders);
    Collections.rotate(order, round);
    for (Scenario scenario : scenarios) {
      testbed.setContainersOfEach(scenario.containers());
      checkAnswers(scenario.containers());
      for (Contender contender : order) {
        measured
            .computeIfAbsent(scenario, key -> new LinkedHashMap<>())
            .computeIfAbsent(contender.name(), key -> new ArrayList<>())
            .add(scenario.run(contender, each));
      }
    }
  }

  /** Checks that the answers are exact to the byte. */
  private void checkAnswers(int containers) {
    SampleContainers first = SampleContainers.of(Testbed.FIRST);
    SampleContainers second = SampleContainers.of(Testbed.SECOND).behindRouter();
    ByteString whole = SampleContainers.of(Testbed.WHOLE).list(2 * containers).toByteString();
    ByteString merged =
        first.list(containers).toByteString().concat(second.list(containers).toByteString());
    for (Contender contender : contenders) {
      boolean merges = contender.name().equals(Contender.CRIPROXY);
      Caller caller = contender.caller();
      check(contender, merges ? merged : whole, caller.call("ListContainers", ByteString.EMPTY));
      if (merges) {
        ByteString status = second.status(7).toByteString();
        check(contender, status, caller.call("ContainerStatus", second.statusRequest(7)));
      }
    }
  }

  private static void check(Contender contender, ByteString expected, ByteString answer) {
    if (!expected.equals(answer)) {
      throw new IllegalStateException(
          String.format(
              "%s returned a wrong answer of %d bytes instead of %d",
              contender.name(), answer.size(), expected.size()));
    }
  }

  /** The measured scenarios. */
  List<Scenario> scenarios() {
    return scenarios;
  }

  /** A figure of one contender in all rounds. */
  Spread figure(Scenario scenario, String contender, ToDoubleFunction<Measured> figure) {
    return Spread.of(of(scenario, contender).stream().mapToDouble(figure).boxed().toList());
  }

  /** The ratio of the median time of a call to that of a direct call in the same round. */
  Spread ratio(Scenario scenario, String contender) {
    List<Measured> own = of(scenario, contender);
    List<Measured> direct = of(scenario, Contender.DIRECT);
    List<Double> ratios = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      ratios.add(own.get(i).medianMicros() / direct.get(i).medianMicros());
    }
    return Spread.of(ratios);
  }

  private List<Measured> of(Scenario scenario, String contender) {
    return measured.getOrDefault(scenario, Map.of()).getOrDefault(contender, List.of());
  }

  Map<String, Object> toJson() {
    Map<String, Object> json = new LinkedHashMap<>();
    measured.forEach(
        (scenario, byContender) -> {
          Map<String, Object> contendersJson = new LinkedHashMap<>();
          byContender.keySet().forEach(name -> contendersJson.put(name, toJson(scenario, name)));
          json.put(scenario.title(), contendersJson);
        });
    return json;
  }

  private Map<String, Object> toJson(Scenario scenario, String contender) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("ratio", ratio(scenario, contender).toJson());
    json.put("medianMicros", figure(scenario, contender, Measured::medianMicros).toJson());
    json.put("p99Micros", figure(scenario, contender, Measured::tailMicros).toJson());
    json.put("callsPerSecond", figure(scenario, contender, Measured::perSecond).toJson());
    json.put("proxyCpuMillisPer1000", figure(scenario, contender, Measured::cpuMillis).toJson());
    json.put(
        "clientCpuMillisPer1000", figure(scenario, contender, Measured::clientMillis).toJson());
    return json;
  }
}
