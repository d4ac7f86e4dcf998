package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.ContainerConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.ReopenContainerLogRequest;
import io.crirouter.proto.v1.ReopenContainerLogResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The log files of containers, which kubelets read and rotate. */
final class LogRules {
  /** Time, stream, tag for a full line, text. */
  private static final String LINE = "\\d{4}-\\d{2}-\\d{2}T[0-9:.]+(Z|[+-]\\d{2}:\\d{2}) %s F %s";

  private LogRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add(
        "stdout and stderr of a container are in its log file, in the CRI format",
        LogRules::lines,
        Feature.LOG_FILES,
        Feature.PROCESSES);
    area.add(
        "ReopenContainerLog creates a new file after the old one was moved",
        LogRules::reopen,
        Feature.LOG_FILES,
        Feature.LOG_ROTATION,
        Feature.PROCESSES);
    area.add(
        "ReopenContainerLog of a container that is not running is refused",
        LogRules::reopenExited,
        Feature.LOG_ROTATION);
    return area.rules();
  }

  private static Path log(PodSandboxConfig pod, ContainerConfig container) {
    return Path.of(pod.getLogDirectory()).resolve(container.getLogPath());
  }

  private static void assertLine(Path log, String stream, String text) throws IOException {
    assertTrue(Files.exists(log), () -> "there is no file " + log);
    List<String> lines = Files.readAllLines(log);
    assertTrue(
        lines.stream().anyMatch(line -> line.matches(LINE.formatted(stream, text))),
        () -> "no line '" + text + "' of " + stream + " in " + log + ": " + lines);
  }

  private static void lines(RuleCalls calls) throws Exception {
    Path log = log(calls.shared().config(), calls.shared().containerConfig());
    calls.eventually(
        () -> {
          assertLine(log, "stdout", "to stdout");
          assertLine(log, "stderr", "to stderr");
        });
  }

  private static ReopenContainerLogResponse reopenLog(RuleCalls calls, String container) {
    return calls
        .runtime()
        .reopenContainerLog(
            ReopenContainerLogRequest.newBuilder().setContainerId(container).build());
  }

  private static void reopen(RuleCalls calls) throws Exception {
    PodSandboxConfig pod = calls.podConfig();
    ContainerConfig config =
        calls.containerConfig("main", "sh", "-c", "while :; do echo on; sleep 0.1; done");
    String id = calls.create(calls.run(pod), pod, config);
    calls.start(id);
    Path log = log(pod, config);
    calls.eventually(() -> assertLine(log, "stdout", "on"));
    Path rotated = Files.move(log, log.resolveSibling("0.log.rotated"));
    ReopenContainerLogResponse unused = reopenLog(calls, id);
    calls.eventually(() -> assertLine(log, "stdout", "on"));
    assertLine(rotated, "stdout", "on");
  }

  private static void reopenExited(RuleCalls calls) {
    String id = calls.startInNewPod();
    calls.stop(id, 0);
    Expect.refused(
        "ReopenContainerLog of a container that is not running", () -> reopenLog(calls, id));
  }
}
