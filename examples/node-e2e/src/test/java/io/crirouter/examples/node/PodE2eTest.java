package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** The life of pods that end well, the same at every place. */
class PodE2eTest extends OnQuietNodes {
  PodE2eTest(Cluster cluster) {
    super(cluster);
  }

  /** Init containers one after the other, all kinds of probes, hooks, and files of all kinds. */
  @Test
  void initContainersProbesHooksAndVolumesDoWhatTheyDoWithoutARouter() {
    cluster.kubectl("create", "configmap", "settings", "--from-literal=key=value").orThrow();
    EverywherePods pods =
        everywhere(
            "whole",
            """
            volumes:
            - {name: work, emptyDir: {}}
            - {name: settings, configMap: {name: settings}}
            initContainers:
            - {name: first, image: "registry.test/busybox:1", volumeMounts: [{name: work, mountPath: /work}],
               command: [sh, -c, "echo first >> /work/order"]}
            - {name: second, image: "registry.test/busybox:1", volumeMounts: [{name: work, mountPath: /work}],
               command: [sh, -c, "echo second >> /work/order"]}
            containers:
            - name: main
              image: registry.test/busybox:1
              command: [sh, -c, "trap 'exit 0' TERM; cat /work/order /settings/key; echo; httpd -f -p 8080 -h /work & wait"]
              env: [{name: POD_IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]
              volumeMounts: [{name: work, mountPath: /work}, {name: settings, mountPath: /settings}]
              startupProbe: {exec: {command: [test, -e, /work/hook]}, periodSeconds: 1, timeoutSeconds: 10}
              readinessProbe: {httpGet: {path: /order, port: 8080}, periodSeconds: 1, timeoutSeconds: 10}
              livenessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1, timeoutSeconds: 10}
              lifecycle:
                postStart: {exec: {command: [sh, -c, "echo started > /work/hook"]}}
                preStop: {exec: {command: [sh, -c, "echo stopping > /proc/1/fd/1"]}}
            - {name: other, image: "registry.test/busybox:1", command: [sleep, "1000"]}
            """);
    pods.awaitReady();
    pods.forEach(
        pod -> {
          assertThat(pod.logs("main")).isEqualTo("first\nsecond\nvalue\n");
          assertThat(pod.exec("main", "cat /work/hook; echo $POD_IP").output())
              .isEqualTo("started\n" + pod.report().ip() + "\n");
        });
    pods.assertSameReports();
  }

  @Test
  void aPodThatEndsHasItsExitCodesAndItsMessage() {
    EverywherePods pods =
        everywhere(
            "ends",
            """
            restartPolicy: Never
            containers:
            - {name: well, image: "registry.test/busybox:1", command: [sh, -c, "echo done > /dev/termination-log"]}
            - {name: badly, image: "registry.test/busybox:1", command: [sh, -c, "exit 3"]}
            """);
    pods.await("over", pod -> pod.phase().equals("Failed"));
    pods.forEach(
        pod -> {
          assertThat(pod.report().state("well")).isEqualTo("Completed 0");
          assertThat(pod.report().state("badly")).isEqualTo("Error 3");
        });
    pods.assertSameReports();
  }

  /** Too much memory, a failing probe, a failing process: each is a restart with its reason. */
  @Test
  void containersThatFailAreStartedAgainAndSayWhy() {
    EverywherePods pods =
        everywhere(
            "fails",
            """
            volumes: [{name: once, emptyDir: {}}]
            containers:
            - name: process
              image: registry.test/busybox:1
              command: [sh, -c, "[ -e /once/a ] || { touch /once/a; exit 5; }; exec sleep 1000"]
              volumeMounts: [{name: once, mountPath: /once}]
            - name: memory
              image: registry.test/busybox:1
              command: [sh, -c, "[ -e /once/b ] || { touch /once/b; exec tail /dev/zero; }; exec sleep 1000"]
              resources: {limits: {memory: 16Mi}}
              volumeMounts: [{name: once, mountPath: /once}]
            - name: probe
              image: registry.test/busybox:1
              command: [sh, -c, "[ -e /once/c ] && touch /tmp/well; touch /once/c; trap 'exit 9' TERM; while true; do sleep 0.1; done"]
              livenessProbe: {exec: {command: [test, -e, /tmp/well]}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 10}
              volumeMounts: [{name: once, mountPath: /once}]
            """);
    pods.await(
        "started again",
        pod ->
            pod.isReady()
                && List.of("process", "memory", "probe").stream()
                    .allMatch(name -> pod.restarts(name) == 1));
    pods.forEach(
        pod -> {
          assertThat(pod.report().lastState("process")).isEqualTo("Error 5");
          assertThat(pod.report().lastState("memory")).isEqualTo("OOMKilled 137");
          assertThat(pod.report().lastState("probe")).isEqualTo("Error 9");
        });
    pods.assertSameReports();
    pods.forEach(pod -> assertThat(pod.logs("process", "--previous")).isEmpty());
  }
}
