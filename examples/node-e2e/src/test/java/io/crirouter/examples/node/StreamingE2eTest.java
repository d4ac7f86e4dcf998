package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What users do with kubectl. */
class StreamingE2eTest extends OnQuietNodes {
  private static final String TALKER =
      """
      containers:
      - name: main
        image: registry.test/busybox:1
        stdin: true
        command: [sh, -c, "httpd -p 8080 -h /etc; while read line; do echo got $line; done; exec sleep 1000"]
      """;

  StreamingE2eTest(Cluster cluster) {
    super(cluster);
  }

  @Test
  void execAttachPortForwardAndFollowedLogsReachEachPod() {
    EverywherePods pods = everywhere("talker", TALKER);
    pods.awaitReady();
    pods.forEach(
        pod -> {
          Shell.Outcome failing = pod.exec("main", "echo out; echo err >&2; exit 7");
          assertThat(failing.output()).contains("out", "err", "exit code 7");
        });
    pods.forEach(this::attach);
    pods.forEach(this::forwardAPort);
    pods.assertSameReports();
  }

  /** Standard input through attach, and the answer through the log that is followed. */
  private void attach(TestPod pod) {
    try (HostProcess log = cluster.startKubectl("follow-" + pod, "logs", "-f", pod.name())) {
      assertThat(pod.attach("hello")).contains("got hello");
      Await.until("line in the log", log::log, text -> text.contains("got hello"));
    }
  }

  private void forwardAPort(TestPod pod) {
    try (HostProcess forward =
        cluster.startKubectl("forward-" + pod, "port-forward", pod.name(), ":8080")) {
      String said =
          Await.until("forwarded port", forward::log, text -> text.contains("127.0.0.1:"));
      String port = said.replaceAll("(?s).*127\\.0\\.0\\.1:(\\d+).*", "$1");
      assertThat(
              Shell.run("wget", "-q", "-O", "-", "http://127.0.0.1:" + port + "/passwd").output())
          .contains("app:x:1000");
    }
  }
}
