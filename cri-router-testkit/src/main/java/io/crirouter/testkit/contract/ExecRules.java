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

/** How somebody outside reaches into a container. */
final class ExecRules {
  private static final String UNKNOWN = "fedcba9876543210".repeat(4);
  private static final Duration PATIENT = Duration.ofSeconds(60);
  private static final Duration IMPATIENT = Duration.ofMillis(500);
  private static final int LARGE_BYTES = 6 << 20;
  private static final int CONNECT_MILLIS = 5000;

  private ExecRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("ExecSync returns what a command prints", ExecRules::output, Feature.EXEC);
    area.add("ExecSync returns the exit code", ExecRules::exitCode, Feature.EXEC);
    area.add(
        "ExecSync keeps both outputs apart",
        ExecRules::bothOutputs,
        Feature.EXEC,
        Feature.PROCESSES);
    area.add(
        "ExecSync returns outputs beyond the usual limit of gRPC",
        ExecRules::largeOutput,
        Feature.EXEC,
        Feature.PROCESSES);
    area.add(
        "ExecSync of a command that there is not fails or exits with 126 up",
        ExecRules::none,
        Feature.EXEC);
    area.add("ExecSync beyond its timeout is DEADLINE_EXCEEDED", ExecRules::timeout, Feature.EXEC);
    area.add(
        "ExecSync that is cancelled leaves the container running",
        ExecRules::cancelled,
        Feature.EXEC);
    area.add(
        "ExecSync in a container that is not there is NOT_FOUND",
        ExecRules::inUnknown,
        Feature.EXEC);
    area.add(
        "ExecSync in a container that does not run is refused", ExecRules::inCreated, Feature.EXEC);
    addStream(area, "Exec", ExecRules::exec, Feature.EXEC);
    addStream(area, "Attach", ExecRules::attach, Feature.ATTACH);
    area.add(
        "Exec in a container that does not run is refused", ExecRules::execCreated, Feature.EXEC);
    area.add(
        "Attach to a container that does not run is refused",
        ExecRules::attachCreated,
        Feature.ATTACH);
    addStream(area, "PortForward", ExecRules::forward, Feature.PORT_FORWARD);
    return area.rules();
  }

  /** Asks for the URL of a stream. */
  private interface Stream {
    String url(RuleCalls calls, SharedPod pod);
  }

  private static void addStream(Rule.Area area, String rpc, Stream stream, Feature feature) {
    area.add(rpc + " returns a URL", calls -> assertUrl(uri(calls, stream)), feature);
    area.add(
        "a server listens where the URL of " + rpc + " leads",
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

  /** Either way a kubelet takes a probe for failed; 126 and 127 are a shell's own codes. */
  private static void none(RuleCalls calls) {
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
        () -> "a command that there is not ended with exit code " + exitCode[0]);
    assertTrue(code != Status.Code.UNIMPLEMENTED && code != Status.Code.NOT_FOUND, code::name);
  }

  private static void timeout(RuleCalls calls) {
    CriClient client = calls.client().withDeadline(PATIENT);
    ExecSyncRequest request =
        request(calls.shared().container(), "sleep", "50").setTimeout(1).build();
    long start = System.nanoTime();
    assertEquals(
        Status.Code.DEADLINE_EXCEEDED,
        Expect.code(() -> client.runtime().execSync(request)),
        "kubelets take DEADLINE_EXCEEDED for a probe that failed");
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(
        taken.compareTo(PATIENT.dividedBy(2)) < 0, () -> "after " + taken + ": not its timeout");
  }

  private static void cancelled(RuleCalls calls) {
    String id = calls.shared().container();
    CriClient client = calls.client().withDeadline(IMPATIENT);
    ExecSyncRequest request = request(id, "sleep", "40").build();
    assertEquals(
        Status.Code.DEADLINE_EXCEEDED, Expect.code(() -> client.runtime().execSync(request)));
    assertEquals(ContainerState.CONTAINER_RUNNING, calls.status(id).getState());
    assertEquals(0, calls.exec(id, "true").getExitCode());
  }

  private static void inUnknown(RuleCalls calls) {
    Expect.notFound("a container that never was", () -> calls.exec(UNKNOWN, "true"));
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
        () -> "without a scheme: " + url);
    assertNotNull(url.getHost(), () -> "without a host: " + url);
  }

  private static void assertListens(URI url) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(url.getHost(), url.getPort()), CONNECT_MILLIS);
      assertTrue(socket.isConnected(), url::toString);
    } catch (IOException e) {
      throw new AssertionError("nobody listens at " + url, e);
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
