package io.crirouter.testkit.containerd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Looks for leftovers by other means than the fixture uses to remove them. */
class ContainerdPairTest {
  private static final Pattern SHIM_SOCKET = Pattern.compile("/run/containerd/s/[0-9a-f]+");

  @ParameterizedTest
  @EnumSource
  void bothRunContainersAndAreRemovedCompletely(ContainerdLine line) throws Exception {
    assumeRunnable(line);
    Path run;
    List<Path> outside = new ArrayList<>();
    List<ProcessHandle> containers = new ArrayList<>();
    try (ContainerdPair pair = ContainerdPair.start(line)) {
      run = pair.run().path();
      for (ContainerdInstance instance : List.of(pair.primary(), pair.special())) {
        long container = runContainer(line, instance);
        assertThat(read(processFile(container, "cmdline"))).startsWith("sleep");
        outside.addAll(outsideOf(instance, container));
        containers.add(ProcessHandle.of(container).orElseThrow());
      }
      assertThat(mentions(run)).as("resources to remove").isNotEmpty();
      assertThat(outside)
          .allSatisfy(trace -> assertThat(trace).exists())
          .anyMatch(trace -> trace.startsWith("/sys/class/net"))
          .anyMatch(trace -> trace.startsWith("/sys/fs/cgroup"))
          .anyMatch(trace -> trace.startsWith("/run/containerd/s"));
      pair.special().kill();
      killShimOf(containers.get(1));
    }
    assertThat(mentions(run)).as("processes and mounts of the run").isEmpty();
    assertThat(outside).allSatisfy(trace -> assertThat(trace).doesNotExist());
    for (ProcessHandle container : containers) {
      assertThat(read(processFile(container.pid(), "cmdline"))).doesNotStartWith("sleep");
    }
    assertThat(run).doesNotExist();
  }

  @ParameterizedTest
  @EnumSource
  void containerdUsesTheWholeConfigurationAndSharesNoFolder(ContainerdLine line) {
    assumeRunnable(line);
    try (ContainerdPair pair = ContainerdPair.start(line)) {
      String configuration = pair.special().directory().resolve("config.toml").toString();
      String effective =
          Command.run(line.containerd().toString(), "--config", configuration, "config", "dump")
              .orThrow();

      assertThat(effective)
          .contains("/usr/lib/cni", TestRegistry.PAUSE, "restrict_oom_score_adj = true")
          .contains("netns_mounts_under_state_dir = true", "disable_apparmor = true")
          .contains(pair.special().directory().resolve("hosts").toString())
          .doesNotContain("/run/containerd", "/var/lib/containerd", "/opt/cni", "/etc/cni")
          .doesNotContain(pair.primary().directory().toString());
    }
  }

  @ParameterizedTest
  @EnumSource
  void containersSurviveAKillAndRestartOfTheDaemon(ContainerdLine line) {
    assumeRunnable(line);
    try (ContainerdPair pair = ContainerdPair.start(line)) {
      ContainerdInstance special = pair.special();
      long container = runContainer(line, special);
      long firstPid = special.pid();

      special.kill();

      assertThat(CriProbe.answers(special.socket())).isFalse();
      assertThat(CriProbe.answers(pair.primary().socket())).as("the other one").isTrue();
      assertThatThrownBy(special::pid)
          .hasMessageContaining("special")
          .hasMessageContaining("not running");

      special.restart();

      assertThat(CriProbe.answers(special.socket())).isTrue();
      assertThat(special.pid()).isNotEqualTo(firstPid);
      assertThat(ctr(line, special, "task", "ls")).contains(Long.toString(container));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPausedDaemonDoesNotAnswerUntilResume(ContainerdLine line) {
    assumeRunnable(line);
    try (ContainerdPair pair = ContainerdPair.start(line)) {
      pair.special().pause();
      assertThat(CriProbe.answers(pair.special().socket())).isFalse();
      assertThat(pair.special().isAlive()).isTrue();

      pair.special().resume();
      assertThat(CriProbe.answers(pair.special().socket())).isTrue();
    }
  }

  @ParameterizedTest
  @EnumSource
  void imagesThatDifferOnlyInALabelHaveDifferentIds(ContainerdLine line) {
    assumeRunnable(line);
    try (ContainerdPair pair = ContainerdPair.start(line)) {
      String labelled =
          pair.registry().push("busybox:2", TestImage.busybox().withLabel("made-for", "test"));

      assertThat(labelled).isEqualTo("registry.test/busybox:2");
      assertThat(pull(line, pair.primary(), labelled))
          .isNotEqualTo(pull(line, pair.primary(), TestRegistry.BUSYBOX));
    }
  }

  @ParameterizedTest
  @EnumSource
  void aFailedStartShowsTheLogAndIsRemoved(ContainerdLine line, @TempDir Path temporary)
      throws IOException {
    assumeRunnable(line);
    Path broken = temporary.resolve("containerd");
    Files.writeString(
        broken,
        """
        #!/bin/sh
        if [ "$1" = --version ]; then exec %s --version; fi
        echo level=fatal no space for another containerd
        exit 1
        """
            .formatted(line.containerd()));
    assertThat(broken.toFile().setExecutable(true)).isTrue();
    try (RunDirectory run = RunDirectory.createIn(temporary.resolve("runs"));
        TestRegistry registry = TestRegistry.start(run)) {
      ContainerdInstance.Builder builder =
          ContainerdInstance.builder("broken").binary(broken).run(run).registry(registry);

      assertThatThrownBy(builder::start)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("'broken' ended at start")
          .hasMessageContaining("no space for another containerd");
      assertThat(run.path().resolve("broken")).doesNotExist();
    }
  }

  private static void assumeRunnable(ContainerdLine line) {
    Optional<String> reason = ContainerdEnvironment.reasonToSkip(line);
    assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
  }

  /** Kills the shim of a container, so that no process of the run is its parent. */
  private static void killShimOf(ProcessHandle container) throws Exception {
    ProcessHandle shim = container.parent().orElseThrow();
    assertThat(read(processFile(shim.pid(), "cmdline"))).contains("containerd-shim");
    shim.destroyForcibly();
    shim.onExit().get(5, TimeUnit.SECONDS);
  }

  /** Starts a sleeping container without Kubernetes around it, and returns its process id. */
  private static long runContainer(ContainerdLine line, ContainerdInstance instance) {
    pull(line, instance, TestRegistry.BUSYBOX);
    Path runcRoot = instance.directory().resolve("runc");
    ctr(
        line,
        instance,
        "run",
        "--detach",
        "--null-io",
        "--runc-root",
        runcRoot.toString(),
        TestRegistry.BUSYBOX,
        containerId(instance),
        "sleep",
        "1000");
    String tasks = ctr(line, instance, "task", "ls");
    return Long.parseLong(tasks.lines().skip(1).findFirst().orElseThrow().split(" +", -1)[1]);
  }

  /** The id must be unique on the machine, because it names a control group. */
  private static String containerId(ContainerdInstance instance) {
    return "sleeper-on-" + instance.bridge();
  }

  /** Pulls and returns the digest of the manifest. */
  @CanIgnoreReturnValue
  private static String pull(ContainerdLine line, ContainerdInstance instance, String image) {
    String hosts = instance.directory().resolve("hosts").toString();
    ctr(line, instance, "image", "pull", "--hosts-dir", hosts, image);
    String listed = ctr(line, instance, "image", "ls", "name==" + image);
    return listed.lines().skip(1).findFirst().orElseThrow().split(" +", -1)[2];
  }

  @CanIgnoreReturnValue
  private static String ctr(ContainerdLine line, ContainerdInstance instance, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(line.containerd().resolveSibling("ctr").toString());
    command.addAll(List.of("--address", instance.socket().toString(), "--namespace", "k8s.io"));
    command.addAll(List.of(arguments));
    return Command.run(command).orThrow();
  }

  /** Processes that have the run in their arguments or mounts, this one included. */
  private static List<Path> mentions(Path run) throws IOException {
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      return processes
          .filter(process -> process.getFileName().toString().matches("\\d+|self"))
          .filter(
              process ->
                  Stream.of("cmdline", "mountinfo")
                      .anyMatch(file -> read(process.resolve(file)).contains(run.toString())))
          .toList();
    }
  }

  /** The bridge, the container's control groups and its shim's socket. */
  private static List<Path> outsideOf(ContainerdInstance instance, long container)
      throws IOException {
    List<Path> traces = new ArrayList<>();
    traces.add(Path.of("/sys/class/net", instance.bridge()));
    String group = "k8s.io/" + containerId(instance);
    assertThat(read(processFile(container, "cgroup"))).contains(group);
    Mounts.controlGroups().stream()
        .map(hierarchy -> hierarchy.resolve(group))
        .filter(Files::exists)
        .forEach(traces::add);
    try (Stream<Path> state = Files.walk(instance.directory().resolve("state"))) {
      state
          .filter(file -> file.getFileName().toString().matches("address|bootstrap.json"))
          .map(file -> SHIM_SOCKET.matcher(read(file)))
          .filter(Matcher::find)
          .forEach(socket -> traces.add(Path.of(socket.group())));
    }
    return traces;
  }

  private static Path processFile(long pid, String file) {
    return Path.of("/proc", Long.toString(pid), file);
  }

  /** The content of a file; empty if it does not exist, because the process may have ended. */
  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return "";
    }
  }
}
