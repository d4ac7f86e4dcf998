package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** A configuration file on the command line: checked, shown, run. */
@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConfigCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  @TempDir private Path folder;
  private Path file;

  @BeforeEach
  void writeFile() throws Exception {
    file = folder.resolve("criproxy.yaml");
    Files.writeString(
        file,
        """
        listen: unix://FOLDER/criproxy.sock
        backends:
          - name: containerd
            endpoint: FOLDER/containerd.sock
          - name: kata
            endpoint: unix://FOLDER/kata.sock
            runtimeHandlers: {vm: kata-qemu}
        policies:
          - annotation: kubernetes.io/target-runtime
          - runtimeHandler: {vm: kata}
        stateFile: FOLDER/state
        """
            .replace("FOLDER", folder.toString()));
  }

  private void replace(String from, String to) throws Exception {
    String text = Files.readString(file);
    assertThat(text).contains(from);
    Files.writeString(file, text.replace(from, to));
  }

  private int criproxy(String... args) {
    CommandLine commandLine = CriProxy.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  private String check(int expectedExit) {
    int exit = criproxy("config", "check", file.toString());
    assertThat(exit).as(out.toString() + err).isEqualTo(expectedExit);
    return exit == 0 ? out.toString() : err.toString();
  }

  @Test
  void aValidFileIsReportedAndNothingIsChanged() throws Exception {
    assertThat(check(0)).isEqualTo(file + " is valid: 2 backends\n");

    try (var files = Files.list(folder)) {
      assertThat(files).containsExactly(file);
    }
  }

  @Test
  void foldersThatTheServiceCreatesMayBeMissing() throws Exception {
    replace("unix://" + folder + "/criproxy.sock", "/run/criproxy/no/criproxy.sock");
    replace(folder + "/state", "/var/lib/criproxy/no/state");

    assertThat(check(0))
        .contains(
            "/run/criproxy/no does not exist yet: criproxy.service creates it\n",
            "/var/lib/criproxy/no does not exist yet: criproxy.service creates it\n",
            " is valid: 2 backends\n");
    assertThat(criproxy("run", "--config", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("the folder /run/criproxy/no does not exist");
  }

  @Test
  void theLastOfSeveralFilesIsUsed() {
    assertThat(criproxy("config", "show", "--config=/no/such/file", "--config=" + file))
        .as(err.toString())
        .isZero();
    assertThat(out.toString()).contains("listen: unix://" + folder.resolve("criproxy.sock"));
  }

  @Test
  void anInvalidFileIsReportedWithThePlaceAndExitCodeTwo() throws Exception {
    replace("runtimeHandler: {vm: kata}", "runtimeHandler: {vm: kta}");

    assertThat(check(2))
        .isEqualTo(
            "criproxy: "
                + file
                + ":10:26: policies[1].runtimeHandler.vm: there is no backend 'kta', did you mean"
                + " 'kata'? accepted: containerd, kata\n");
  }

  @Test
  void machineErrorsAreReportedWithThePlace() throws Exception {
    replace(folder + "/criproxy.sock", folder + "/no/criproxy.sock");
    assertThat(check(2))
        .isEqualTo(
            "criproxy: %s:1:9: cannot listen on %s/no/criproxy.sock: the folder %s/no does not exist; create it first\n"
                .formatted(file, folder, folder));
    assertThat(criproxy("config", "check", "--file-only", file.toString())).isZero();
  }

  @Test
  void invalidStateFilesAndSocketsAreReportedWithThePlace() throws Exception {
    replace("stateFile: " + folder, "stateFile: " + folder + "/no");
    assertThat(check(2)).contains(file + ":11:12: cannot keep the state in ");
    replace("kata.sock", "containerd.sock");
    assertThat(check(2)).contains(file + ":6:15: runtimes containerd and kata have one socket");
    replace("endpoint: " + folder + "/containerd.sock", "endpoint: /" + "x".repeat(200));
    assertThat(check(2)).contains(file + ":4:15: /xxx", "more than 107 bytes");
  }

  @Test
  void nativeIdsWithoutAStateFileCauseAWarning() throws Exception {
    replace("stateFile: " + folder + "/state", "ids: native");

    assertThat(check(0)).startsWith("warning: native ids without a state file");
  }

  @Test
  void eachValueIsShownWithItsOrigin() {
    int exit =
        criproxy(
            "config",
            "show",
            "--config=" + file,
            "--ids=native",
            "--connect=/a.sock,kata=vm:unix:///b.sock",
            "--namespace=tenant=kata",
            "--drain-timeout=5s");

    assertThat(exit).as(err.toString()).isZero();
    assertThat(out.toString().replaceAll(" {2,}#", " #"))
        .startsWith(
            """
            listen: unix://FOLDER/criproxy.sock # FILE:1
            backends:
              - name: primary # --connect
                endpoint: /a.sock # --connect
                connectTimeout: 5s # default
                maxResponseBytes: 16Mi # default
              - name: kata # --connect
                endpoint: /b.sock # --connect
                idPrefix: vm # --connect
                connectTimeout: 5s # default
                maxResponseBytes: 16Mi # default
            policies:
              - annotation: kubernetes.io/target-runtime # --namespace
              - namespace:
                  tenant: kata # --namespace
            ids: native # --ids
            images: prefixed # default
            stateFile: FOLDER/state # FILE:11
            admin:
              socket: FOLDER/criproxy-admin.sock # default
            log:
              level: info # default
              format: text # default
            drainTimeout: 5s # --drain-timeout
            timeouts:
              podLists: 500ms # default
            """
                .replace("FOLDER", folder.toString())
                .replace("FILE", file.toString()));
  }

  @Test
  void anOptionHidesNoOtherError() throws Exception {
    replace("stateFile:", "log: {level: warn, lvl: warn}\nstateFile:");

    assertThat(criproxy("config", "show", "--config=" + file, "--log-level=debug")).isEqualTo(2);
    assertThat(err.toString()).contains(file + ":11:20: log: unknown key 'lvl'");
    replace(", lvl: warn", "");
    assertThat(criproxy("config", "show", "--config=" + file, "--log-level=debug")).isZero();
    assertThat(out.toString()).containsPattern("level: debug +# --log-level");
  }

  @Test
  void anOptionThatIsWrongIsNamed() {
    String[] options = {"config", "show", "--listen=/l", "--connect=/a,kata:/k", ""};
    options[4] = "--runtime-class=vm=kat";
    assertThat(criproxy(options)).isEqualTo(2);
    options[4] = "--images=share";
    assertThat(criproxy(options)).isEqualTo(2);
    options[4] = "--drain-timeout=5";
    assertThat(criproxy(options)).isEqualTo(2);

    assertThat(err.toString())
        .isEqualTo(
            """
            criproxy: --runtime-class: there is no backend 'kat', did you mean 'kata'? accepted: primary, kata
            criproxy: --images: 'share' is not accepted, did you mean 'shared'? accepted: prefixed, shared
            criproxy: --drain-timeout: '5' is not a time above zero: write 500ms, 5s, 10m or 1h, say
            """);
  }

  @Test
  void theProxyRunsWithAFile() throws Exception {
    FakeRuntime kata = FakeRuntime.named("kata").runtimeHandler("kata-qemu").build();
    try (CriServer primary =
            FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"));
        CriServer secondary = kata.serve(folder.resolve("kata.sock"));
        ProxyProcess proxy = ProxyProcess.run("--config", file.toString());
        CriClient client = CriClient.connect(folder.resolve("criproxy.sock"))) {
      assertThat(primary.socket()).isNotEqualTo(secondary.socket());
      assertThat(proxy.untilItListens()).contains(folder + "/criproxy.sock");

      client.runtime().runPodSandbox(podWithHandler("vm"));

      assertThat(kata.pods()).hasSize(1);
      assertThat(kata.pods().get(0).getRuntimeHandler()).isEqualTo("kata-qemu");
      proxy.terminate();
      assertThat(proxy.awaitExit()).isZero();
    }
  }

  @Test
  void aRelativeListenPathIsInTheWorkingFolder() throws Exception {
    Path relative = Path.of("").toAbsolutePath().relativize(folder.resolve("relative.sock"));
    try (CriServer primary =
            FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"));
        ProxyProcess proxy =
            ProxyProcess.run("--listen", relative.toString(), "--connect=" + primary.socket())) {
      assertThat(proxy.untilItListens()).contains("relative.sock");
      assertThat(folder.resolve("relative.sock")).exists();
    }
  }

  private static RunPodSandboxRequest podWithHandler(String handler) {
    return RunPodSandboxRequest.newBuilder()
        .setRuntimeHandler(handler)
        .setConfig(
            PodSandboxConfig.newBuilder()
                .setMetadata(
                    PodSandboxMetadata.newBuilder().setName("p").setUid("u").setNamespace("n")))
        .build();
  }
}
