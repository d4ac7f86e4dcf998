package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The proxy is killed, stopped and started again under pods and sessions. */
class ProxyE2eTest extends OnCluster {
  /** From this release on a kubelet follows a log also while the runtime is away. */
  private static final int FIRST_THAT_FOLLOWS_ON = 31;

  /** What a kubelet may complain of while one proxy takes the place of another. */
  private static final Pattern EXPECTED =
      Pattern.compile(
          // One that follows events complains of each end of them, and then follows them anew.
          "failed to receive streaming container event"
              // It asks for containers of pods that were deleted before, and are gone.
              + "|ContainerStatus .*NotFound desc = an error occurred when try to find");

  ProxyE2eTest(Cluster cluster) {
    super(cluster);
  }

  @Test
  void podsDoNotNoticeThatItIsAway() {
    EverywherePods pods = everywhere("proxied", Specs.SERVER).awaitReady();
    ReadinessWatch watch = ReadinessWatch.of(pods);
    cluster.routed().proxy().kill();
    EverywherePods meanwhile = everywhere("meanwhile", Specs.SERVER);
    watch.forSeconds(6);
    cluster.routed().proxy().start();
    meanwhile.awaitReady();
    pods.awaitExec();
    cluster.routed().proxy().stop();
    cluster.routed().proxy().start();
    pods.awaitExec();
    watch.assertAlwaysReadyAndNeverRestarted();
    pods.assertSameReports();
    meanwhile.assertSameReports();
    pods.assertSameEvents();
  }

  /** The kubelet has the stream's address, which is the runtime's own. */
  @Test
  void sessionsThatAreOpenGoOnWhenItIsKilled() {
    EverywherePods pods = everywhere("session", Specs.SERVER).awaitReady();
    Map<Place, HostProcess> sessions = openSessions(pods);
    cluster.routed().proxy().kill();
    cluster.routed().proxy().start();
    endSessions(pods, sessions);
    pods.assertSameReports();
    pods.assertSameEvents();
  }

  /** Neither users nor the kubelet notice it. */
  @Test
  void nobodyNoticesThatAnotherOneTakesItsPlace() {
    EverywherePods pods = everywhere("handed", Specs.SERVER).awaitReady();
    ReadinessWatch watch = ReadinessWatch.of(pods);
    Map<Place, HostProcess> sessions = openSessions(pods);
    Map<Place, HostProcess> logs = new EnumMap<>(Place.class);
    pods.forEach(pod -> logs.put(pod.place(), follow(pod, "handed")));
    KubeletLog complaints = KubeletLog.startingNow(cluster.routed().kubelet());
    cluster.routed().proxy().handOver();
    watch.forSeconds(5);
    assertThat(complaints.complaints())
        .noneMatch(line -> line.contains("rpc error") && !EXPECTED.matcher(line).find());
    endSessions(pods, sessions);
    pods.forEach(pod -> pod.exec("main", "echo line > /proc/1/fd/1").orThrow());
    logs.forEach(
        (place, log) -> Await.until("line at " + place, log::log, text -> text.contains("line")));
    logs.values().forEach(HostProcess::close);
    watch.assertAlwaysReadyAndNeverRestarted();
    pods.assertSameReports();
    pods.assertSameEvents();
  }

  private Map<Place, HostProcess> openSessions(EverywherePods pods) {
    Map<Place, HostProcess> sessions = new EnumMap<>(Place.class);
    pods.forEach(
        pod ->
            sessions.put(
                pod.place(),
                cluster.startKubectl(
                    "session-" + pod,
                    "exec",
                    pod.name(),
                    "--",
                    "sh",
                    "-c",
                    "echo begin; while [ ! -e /tmp/end ]; do sleep 0.1; done; echo end")));
    sessions.forEach(
        (place, session) -> Await.until("session", session::log, text -> text.contains("begin")));
    return sessions;
  }

  private static void endSessions(EverywherePods pods, Map<Place, HostProcess> sessions) {
    pods.forEach(
        pod -> Await.until("exec in " + pod, () -> pod.exec("main", "touch /tmp/end").code() == 0));
    sessions.forEach(
        (place, session) -> {
          assertThat(session.awaitExit()).as("session at " + place).isZero();
          assertThat(session.log()).isEqualTo("begin\nend\n");
        });
  }

  /**
   * A kubelet that has read a log to its end asks whether the container still runs. If nobody
   * answers, older ones end the stream, and newer ones do not: that is so without a router when the
   * runtime is killed, and as there the log can be followed again.
   */
  @Test
  void aFollowedLogEndsOrGoesOnAsItDoesWhenARuntimeIsKilled() {
    EverywherePods pods =
        at("followed", Specs.SERVER, Place.DIRECT, Place.PRIMARY, Place.SPECIAL).awaitReady();
    Map<Place, HostProcess> logs = new EnumMap<>(Place.class);
    pods.forEach(pod -> logs.put(pod.place(), follow(pod, "before")));
    cluster.routed().proxy().kill();
    cluster.direct().primary().kill();
    boolean goesOn = cluster.kubernetes().isAtLeast(FIRST_THAT_FOLLOWS_ON);
    if (goesOn) {
      ReadinessWatch.of(pods).forSeconds(4);
    } else {
      assertEnd(logs);
    }
    cluster.routed().proxy().start();
    cluster.direct().primary().restart();
    pods.awaitExec();
    pods.forEach(
        pod -> {
          try (HostProcess log = goesOn ? logs.get(pod.place()) : follow(pod, "after")) {
            assertThat(pod.exec("main", "echo line > /proc/1/fd/1").code()).isZero();
            Await.until("line of " + pod, log::log, text -> text.contains("line"));
          }
        });
  }

  private static void assertEnd(Map<Place, HostProcess> logs) {
    String direct = "connection error|connection refused|EOF|closed";
    logs.forEach(
        (place, log) ->
            assertThat(log.awaitExit())
                .as("end of the log at " + place + ": " + log.log())
                .isEqualTo(logs.get(Place.DIRECT).awaitExit()));
    logs.forEach((place, log) -> assertThat(log.log()).containsPattern(direct));
  }

  private HostProcess follow(TestPod pod, String name) {
    HostProcess log = cluster.startKubectl("follow-" + name + "-" + pod, "logs", "-f", pod.name());
    Await.until("beginning of the log", log::log, text -> text.contains("hello"));
    return log;
  }
}
