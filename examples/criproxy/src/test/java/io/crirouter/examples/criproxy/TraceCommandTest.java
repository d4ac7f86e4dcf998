package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.examples.criproxy.AdminCommands.Outcome;
import io.crirouter.examples.criproxy.AdminCommands.Running;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code criproxy trace}. */
@Timeout(30)
class TraceCommandTest {
  @TempDir private Path folder;
  private AdminNode node;

  @BeforeEach
  void start() throws Exception {
    node = new AdminNode(folder);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  /** Makes calls until the command has connected. They do not match its filter. */
  private Running follow(String... options) {
    String[] all = new String[options.length + 1];
    all[0] = "trace";
    System.arraycopy(options, 0, all, 1, options.length);
    Running running = AdminCommands.start(node.admin(), all);
    Running probe = AdminCommands.start(node.admin(), "trace", "--count=1");
    while (probe.out().lines().count() < 2) {
      version();
    }
    return running;
  }

  private void version() {
    var unused = node.client.runtime().version(VersionRequest.getDefaultInstance());
  }

  private void status(String sandbox) {
    var unused =
        node.client
            .runtime()
            .podSandboxStatus(
                PodSandboxStatusRequest.newBuilder().setPodSandboxId(sandbox).build());
  }

  private static String callsOf(Outcome outcome) {
    return outcome.out().replaceAll("(?m)^[0-9:.]{12}  ", "").replaceAll(" +[0-9]+\\.[0-9]  ", " ");
  }

  @Test
  void eachCallIsALineWithRuntimePodAndPolicy() {
    Running running = follow("--count=2", "--pod=default/vm");
    String web = node.runPod("web", "");
    String vm = node.runPod("vm", "virtlet.cloud");
    status(web);
    status(vm);

    Outcome outcome = running.join();

    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.exit()).isZero();
    assertThat(callsOf(outcome).replaceAll(" +", " "))
        .isEqualTo(
            """
            TIME RPC RUNTIME CODE MS ABOUT
            RunPodSandbox virtlet.cloud OK pod default/vm by annotation(kubernetes.io/target-runtime)
            PodSandboxStatus virtlet.cloud OK pod default/vm %s
            """
                .formatted(vm));
  }

  @Test
  void callsAreFilteredByRuntimeRpcCodeAndTime() throws Exception {
    node.virtlet.failAlways("StopPodSandbox", RpcStatus.of(Code.UNKNOWN, "busy"));
    Running byRuntime = follow("--count=1", "--runtime=virtlet.cloud", "--rpc=podsandboxstatus");
    Running byCode = follow("--count=1", "--code=error");
    Running byTime = follow("--count=1", "--slow=300");
    String web = node.runPod("web", "");
    String vm = node.runPod("vm", "virtlet.cloud");
    status(web);
    status(vm);
    assertThatThrownBy(
            () ->
                node.client
                    .runtime()
                    .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(vm).build()))
        .isInstanceOf(StatusRuntimeException.class);
    node.virtlet.hang("ListPodSandbox");
    var unused = node.client.runtime().listPodSandbox(ListPodSandboxRequest.getDefaultInstance());

    assertThat(byRuntime.join().out()).contains("PodSandboxStatus").contains("default/vm");
    assertThat(byCode.join().out())
        .contains("StopPodSandbox", "UNKNOWN", "pod default/vm " + vm + ": busy");
    assertThat(byTime.join().out())
        .contains("ListPodSandbox")
        .contains("containerd,virtlet.cloud")
        .contains("(partly last known)");
  }

  @Test
  void jsonHasALineForEachCall() {
    Running running = follow("--count=1", "-o=json", "--rpc=RunPodSandbox");
    String unused = node.runPod("vm", "virtlet.cloud");

    Outcome outcome = running.join();

    assertThat(outcome.out().lines()).hasSize(1);
    JsonObject call = JsonParser.parseString(outcome.out()).getAsJsonObject();
    assertThat(call.keySet())
        .containsExactly(
            "at",
            "rpc",
            "subject",
            "pod",
            "runtimes",
            "rule",
            "policy",
            "code",
            "message",
            "millis",
            "requestBytes",
            "responseBytes",
            "parts",
            "lostBefore");
    assertThat(call.getAsJsonArray("parts").get(0).getAsJsonObject().keySet())
        .containsExactly("runtime", "rpc", "sent", "code", "millis", "missedBudget", "lastKnown");
  }

  @Test
  void theEndOfTheProxyIsReported() {
    Running running = follow();

    node.stopProxy();

    Outcome outcome = running.join();
    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.err()).startsWith("criproxy: no proxy answers at ");
  }

  @Test
  void noMoreThanEightClientsMayFollow() {
    List<Running> nine =
        IntStream.range(0, 9).mapToObj(i -> AdminCommands.start(node.admin(), "trace")).toList();

    Object first =
        CompletableFuture.anyOf(
                nine.stream().map(Running::exit).toArray(CompletableFuture<?>[]::new))
            .join();

    assertThat(first).isEqualTo(1);
    assertThat(nine)
        .filteredOn(running -> running.exit().isDone())
        .singleElement()
        .satisfies(
            refused ->
                assertThat(refused.join().err())
                    .isEqualTo("criproxy: 8 clients follow calls already; stop one first\n"));
  }
}
