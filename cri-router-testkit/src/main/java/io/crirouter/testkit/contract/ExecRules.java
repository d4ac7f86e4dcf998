package io.crirouter.testkit.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.crirouter.proto.v1.AttachRequest;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ExecRequest;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ExecSyncResponse;
import io.crirouter.proto.v1.PortForwardRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.time.Duration;
import java.util.List;

/** Exec, ExecSync, Attach and PortForward. */
final class ExecRules {
  private static final Duration LONG_DEADLINE = Duration.ofSeconds(60);
  private static final Duration SHORT_DEADLINE = Duration.ofMillis(500);
  private static final int LARGE_BYTES = 6 << 20;
  private static final int CONNECT_MILLIS = 5000;

  private ExecRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("ExecSync returns the output of a command", ExecRules::output, Feature.EXEC);
    area.add("ExecSync returns the exit code", ExecRules::exitCode, Feature.EXEC);
    area.add(
        "ExecSync separates stdout and stderr",
        ExecRules::bothOutputs,
        Feature.EXEC,
        Feature.PROCESSES);
    area.add(
        "ExecSync returns output above the default message limit of gRPC",
        ExecRules::largeOutput,
        Feature.EXEC,
        Feature.PROCESSES);
    area.add(
        "ExecSync of an unknown command fails or exits with 126 or more",
        ExecRules::unknownCommand,
        Feature.EXEC);
    area.add("ExecSync beyond its timeout is DEADLINE_EXCEEDED", ExecRules::timeout, Feature.EXEC);
    area.add(
        "a cancelled ExecSync leaves the container running", ExecRules::cancelled, Feature.EXEC);
    area.add("ExecSync in an unknown container is NOT_FOUND", ExecRules::inUnknown, Feature.EXEC);
    area.add(
        "ExecSync in a container that is not running is refused",
        ExecRules::inCreated,
        Feature.EXEC);
    addStream(area, "Exec", ExecRules::exec, Feature.EXEC);
    addStream(area, "Attach", ExecRules::attach, Feature.ATTACH);
    area.add(
        "Exec in a container that is not running is refused", ExecRules::execCreated, Feature.EXEC);
    area.add(
        "Attach to a container that is not running is refused",
        ExecRules::attachCreated,
        Feature.ATTACH);
    addStream(area, "PortForward", ExecRules::forward, Feature.PORT_FORWARD);
    return area.rules();
  }

  /** Gets the URL of a stream. */
  private interface Stream {
    String url(RuleCalls calls, SharedPod pod);
  }

  private static void addStream(Rule.Area area, String rpc, Stream stream, Feature feature) {
    area.add(rpc + " returns a URL", calls -> assertUrl(uri(calls, stream)), feature);
    area.add(
        "a server listens at the URL of " + rpc,
        calls -> assertListens(uri(calls, stream)),
        feature,
        Feature.STREAM_SERVER);
  }

  private static URI uri(RuleCalls calls, Stream stream) {
    return URI.create(stream.url(calls, calls.shared()));
  }

  private static ExecSyncRequest.Builder request(String container, String... command) {
    return ExecSyncRequest.newBuilder().setContainerId(container).addAllCmd(List.of(command));
  }

  private static void output(RuleCalls calls) {
    ExecSyncResponse answer = calls.exec(calls.shared().container(), "echo", "hello", "you");
    assertEquals("hello you\n", answer.getStdout().toString(UTF_8));
    assertEquals("", answer.getStderr().toString(UTF_8));
    assertEquals(0, answer.getExitCode());
  }

  private static void exitCode(RuleCalls calls) {
    String id = calls.shared().container();
    assertEquals(7, calls.exec(id, "sh", "-c", "exit 7").getExitCode());
  }

  private static void bothOutputs(RuleCalls calls) {
    ExecSyncResponse answer =
        calls.exec(calls.shared().container(), "sh", "-c", "echo out; echo err >&2; exit 1");
    assertEquals("out\n", answer.getStdout().toString(UTF_8));
    assertEquals("err\n", answer.getStderr().toString(UTF_8));
    assertEquals(1, answer.getExitCode());
  }

  private static void largeOutput(RuleCalls calls) {
    ExecSyncResponse answer =
        calls.exec(
            calls.shared().container(), "head", "-c", String.valueOf(LARGE_BYTES), "/dev/zero");
    assertEquals(LARGE_BYTES, answer.getStdout().size());
  }

  /** A kubelet treats both as a failed probe. 126 and 127 are exit codes of shells. */
  private static void unknownCommand(RuleCalls calls) {
    String id = calls.shared().container();
    int[] exitCode = {0};
    Status.Code code =
        Expect.code(
            () -> {
              ExecSyncResponse answer = calls.exec(id, "/no/such/command");
              exitCode[0] = answer.getExitCode();
              return answer;
            });
    assertTrue(
        code != Status.Code.OK || exitCode[0] >= 126,
        () -> "an unknown command ended with exit code " + exitCode[0]);
    assertTrue(code != Status.Code.UNIMPLEMENTED && code != Status.Code.NOT_FOUND, code::name);
  }

  private static void timeout(RuleCalls calls) {
    CriClient client = calls.client().withDeadline(LONG_DEADLINE);
    ExecSyncRequest request =
        request(calls.shared().container(), "sleep", "50").setTimeout(1).build();
    long start = System.nanoTime();
    assertEquals(
        Status.Code.DEADLINE_EXCEEDED,
        Expect.code(() -> client.runtime().execSync(request)),
        "kubelets treat only DEADLINE_EXCEEDED as a failed probe");
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(
        taken.compareTo(LONG_DEADLINE.dividedBy(2)) < 0,
        () -> "it took " + taken + ", more than the timeout");
  }

  private static void cancelled(RuleCalls calls) {
    String id = calls.shared().container();
    CriClient client = calls.client().withDeadline(SHORT_DEADLINE);
    ExecSyncRequest request = request(id, "sleep", "40").build();
    assertEquals(
        Status.Code.DEADLINE_EXCEEDED, Expect.code(() -> client.runtime().execSync(request)));
    assertEquals(ContainerState.CONTAINER_RUNNING, calls.status(id).getState());
    assertEquals(0, calls.exec(id, "true").getExitCode());
  }

  private static void inUnknown(RuleCalls calls) {
    Expect.notFound("an unknown container", () -> calls.exec(RuleCalls.UNKNOWN_ID, "true"));
  }

  private static String createdContainer(RuleCalls calls) {
    var config = calls.podConfig();
    return calls.create(calls.run(config), config, calls.containerConfig("created"));
  }

  private static void inCreated(RuleCalls calls) {
    String id = createdContainer(calls);
    Expect.refused("exec in a container that does not run", () -> calls.exec(id, "true"));
  }

  private static String exec(RuleCalls calls, SharedPod pod) {
    return exec(calls, pod.container());
  }

  private static String exec(RuleCalls calls, String container) {
    return calls
        .runtime()
        .exec(
            ExecRequest.newBuilder()
                .setContainerId(container)
                .addCmd("true")
                .setStdout(true)
                .setStderr(true)
                .build())
        .getUrl();
  }

  private static String attach(RuleCalls calls, SharedPod pod) {
    return attach(calls, pod.container());
  }

  private static String attach(RuleCalls calls, String container) {
    return calls
        .runtime()
        .attach(AttachRequest.newBuilder().setContainerId(container).setStdout(true).build())
        .getUrl();
  }

  private static String forward(RuleCalls calls, SharedPod pod) {
    return calls
        .runtime()
        .portForward(PortForwardRequest.newBuilder().setPodSandboxId(pod.id()).addPort(80).build())
        .getUrl();
  }

  private static void assertUrl(URI url) {
    assertTrue(
        "http".equals(url.getScheme()) || "https".equals(url.getScheme()),
        () -> "the URL has no http scheme: " + url);
    assertNotNull(url.getHost(), () -> "the URL has no host: " + url);
  }

  private static void assertListens(URI url) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), CONNECT_MILLIS);
      assertTrue(socket.isConnected(), url::toString);
    } catch (IOException e) {
      throw new AssertionError("no server listens at " + url, e);
    }
  }

  private static void execCreated(RuleCalls calls) {
    String id = createdContainer(calls);
    Expect.refused("exec in a container that does not run", () -> exec(calls, id));
  }

  private static void attachCreated(RuleCalls calls) {
    String id = createdContainer(calls);
    Expect.refused("attach to a container that does not run", () -> attach(calls, id));
  }
}
