package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.testkit.RecordedScenario.Setting;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.RunDirectory;
import io.crirouter.testkit.containerd.TestRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Compares the recordings of the fakes with containerd. Each recording is of one minor version.
 * Other versions are skipped.
 */
class RecordingE2eTest {
  /** If this system property is true, the recordings are written instead of compared. */
  private static final String RECORD = "cri-router.record";

  private static final Path FOLDER =
      Path.of(System.getProperty("basedir", ""), "src/main/resources/io/crirouter/testkit");

  @ParameterizedTest
  @EnumSource
  void theRecordingMatchesContainerd(ContainerdLine line) throws IOException {
    Optional<String> reason = ContainerdEnvironment.reasonToSkip(line);
    assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
    try (RunDirectory run = RunDirectory.create()) {
      ContainerdInstance containerd =
          ContainerdInstance.builder("recorded")
              .line(line)
              .run(run)
              .registry(TestRegistry.start(run))
              .runtimeHandlers(RealRuntime.HANDLER)
              .start();
      String name = "containerd-" + minorVersion(containerd.version());
      assumeTrue(isRecorded(name), () -> "no recording of " + name);

      List<String> lines = record(containerd);

      Path file = FOLDER.resolve(name + ".recording");
      if (Boolean.getBoolean(RECORD)) {
        Files.write(file, lines);
      }
      assertThat(withoutPatch(lines))
          .as("%s; if containerd has changed, record it again with -D%s=true", file, RECORD)
          .isEqualTo(withoutPatch(Files.readAllLines(file)));
    }
  }

  private static List<String> record(ContainerdInstance containerd) {
    PodSandboxConfig pod =
        PodSandboxConfig.newBuilder()
            .setLogDirectory(containerd.directory().resolve("logs").toString())
            .setLinux(LinuxPodSandboxConfig.newBuilder().setCgroupParent(containerd.cgroupParent()))
            .build();
    FakeRuntime fake = RecordedScenario.plainFake();
    try (CriClient ofReal = CriClient.connect(containerd.socket());
        CriClient ofFake = CriClient.of(fake)) {
      return RecordingText.of(
          RecordedScenario.play(new Setting(ofReal, TestRegistry.BUSYBOX, pod)),
          RecordedScenario.play(new Setting(ofFake, TestRegistry.BUSYBOX, pod)));
    }
  }

  private static boolean isRecorded(String name) {
    return Arrays.stream(RealRuntime.values()).anyMatch(runtime -> name.equals(runtime.toString()));
  }

  private static String minorVersion(String version) {
    return version.replaceFirst("^(\\d+\\.\\d+).*", "$1");
  }

  /** Removes the patch level, which changes with each security update of the package. */
  private static List<String> withoutPatch(List<String> lines) {
    return lines.stream()
        .map(
            line ->
                line.replaceFirst(
                    "runtime_version: \"v?(\\d+\\.\\d+)[^\"]*\"", "runtime_version: \"$1\""))
        .toList();
  }
}
