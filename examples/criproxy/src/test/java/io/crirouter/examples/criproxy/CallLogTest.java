package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The log lines of calls. */
@Timeout(60)
class CallLogTest {
  @TempDir private Path folder;
  private final FakeRuntime containerd = FakeRuntime.create("containerd");
  private final FakeRuntime virtlet = FakeRuntime.create("virtlet.cloud");
  private CriServer primary;
  private CriServer secondary;

  @BeforeEach
  void startRuntimes() throws Exception {
    primary = containerd.serve(folder.resolve("containerd.sock"));
    secondary = virtlet.serve(folder.resolve("virtlet.sock"));
  }

  @AfterEach
  void stopRuntimes() {
    primary.close();
    secondary.close();
  }

  /** The log of a proxy, from its start line to its end. */
  private List<String> log(Calls calls, String... options) throws Exception {
    List<String> all = new ArrayList<>(List.of(options));
    Path socket = folder.resolve("criproxy.sock");
    all.add("--listen=" + socket);
    all.add("--connect=" + primary.socket() + ",virtlet.cloud:" + secondary.socket());
    try (ProxyProcess proxy = ProxyProcess.run(all.toArray(String[]::new));
        CriClient client = CriClient.connect(socket)) {
      String unused = proxy.untilItListens();
      calls.make(client);
      proxy.terminate();
      assertThat(proxy.awaitExit()).isZero();
      return proxy.output().lines().toList();
    }
  }

  private interface Calls {
    void make(CriClient client);
  }

  private static String run(CriClient client, String name, String target) {
    return client
        .runtime()
        .runPodSandbox(
            RunPodSandboxRequest.newBuilder().setConfig(AdminNode.pod(name, target)).build())
        .getPodSandboxId();
  }

  private static void fails(Runnable call) {
    assertThatThrownBy(call::run).isInstanceOf(StatusRuntimeException.class);
  }

  private void callAll(CriClient client) {
    virtlet.failAlways("StopPodSandbox", RpcStatus.of(Code.UNKNOWN, "busy\nforged"));
    String unused = run(client, "web", "");
    String vm = run(client, "vm", "virtlet.cloud");
    fails(() -> run(client, "none", "nobody"));
    fails(
        () ->
            client
                .runtime()
                .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(vm).build()));
    fails(
        () ->
            client
                .runtime()
                .containerStatus(
                    ContainerStatusRequest.newBuilder().setContainerId("gone").build()));
    var unusedPods = client.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
  }

  @Test
  void eachPodAndEachFailureIsALineAndNothingElseIs() throws Exception {
    List<String> log = log(this::callAll);

    assertThat(log.get(0))
        .matches(
            "[-0-9T:.]{23}Z info  criproxy \\(built from source\\) starts: runtimes primary .*")
        .contains("virtlet.cloud at " + secondary.socket())
        .endsWith("prefixed ids, prefixed image names; no state file; configuration from options");
    List<String> lines = log.stream().map(line -> line.substring(25)).toList();
    int listening = lines.indexOf("info  listening on " + folder.resolve("criproxy.sock"));
    assertThat(listening).isPositive();
    assertThat(lines.subList(listening + 1, lines.size() - 2))
        .satisfiesExactly(
            line ->
                assertThat(line)
                    .isEqualTo(
                        "info  pod default/web started at runtime primary: no policy decides"),
            line ->
                assertThat(line)
                    .isEqualTo(
                        "info  pod default/vm started at runtime virtlet.cloud: policy"
                            + " annotation(kubernetes.io/target-runtime)"),
            line ->
                assertThat(line)
                    .startsWith(
                        "warn  RunPodSandbox refused, FAILED_PRECONDITION: pod default/none asks"
                            + " for runtime 'nobody', which is not configured here"),
            line ->
                assertThat(line)
                    .startsWith(
                        "warn  StopPodSandbox failed at virtlet.cloud, UNKNOWN: busy\\nforged"
                            + " (virt__"),
            line ->
                assertThat(line)
                    .startsWith("info  ContainerStatus failed at primary, NOT_FOUND: ")
                    .endsWith("(gone)"));
  }

  @Test
  void atDebugEachDecisionIsALine() throws Exception {
    assertThat(log(this::callAll, "--log-level=debug"))
        .anyMatch(
            line ->
                line.matches(".*Z debug ListPodSandbox to primary, virtlet.cloud: all, [0-9]+ ms"));
  }

  @Test
  void jsonLogsHaveOneObjectInEachLine() throws Exception {
    List<JsonObject> lines =
        log(this::callAll, "--log-format=json").stream()
            .map(line -> JsonParser.parseString(line).getAsJsonObject())
            .toList();

    assertThat(lines)
        .filteredOn(line -> line.get("logger").getAsString().equals("io.crirouter.criproxy.pods"))
        .element(1)
        .satisfies(
            line -> {
              assertThat(line.get("pod").getAsString()).isEqualTo("default/vm");
              assertThat(line.get("runtime").getAsString()).isEqualTo("virtlet.cloud");
              assertThat(line.get("level").getAsString()).isEqualTo("info");
            });
    assertThat(lines)
        .filteredOn(line -> line.has("code"))
        .extracting(line -> line.get("code").getAsString())
        .containsExactly("FAILED_PRECONDITION", "UNKNOWN", "NOT_FOUND");
  }

  @Test
  void allPodsOfAFullNodeAreLogged() throws Exception {
    List<String> log =
        log(
            client -> {
              for (int i = 0; i < 250; i++) {
                String unused = run(client, "web-" + i, "");
              }
            });

    assertThat(log).filteredOn(line -> line.contains(" started at runtime primary")).hasSize(250);
  }

  @Test
  void aRepeatedFailureIsLoggedTenTimesAndThenCounted() throws Exception {
    List<String> log =
        log(
            client -> {
              for (int i = 0; i < 30; i++) {
                fails(() -> run(client, "none", "nobody"));
              }
            });

    assertThat(log).filteredOn(line -> line.contains("warn  RunPodSandbox refused")).hasSize(10);
    assertThat(log)
        .anyMatch(
            line ->
                line.endsWith(
                    "warn  20 more of these: RunPodSandbox refused, FAILED_PRECONDITION: ..."));
  }
}
