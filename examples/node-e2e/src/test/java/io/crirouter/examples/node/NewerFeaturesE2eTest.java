package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.crirouter.testkit.containerd.TestImage;
import org.junit.jupiter.api.Test;

/** Kinds of containers, and changes of them, that not every release of Kubernetes has. */
class NewerFeaturesE2eTest extends OnQuietNodes {
  private static final String SLEEPER =
      """
      containers:
      - name: main
        image: registry.test/busybox:1
        command: [sleep, "1000"]
        resources: {requests: {cpu: 10m}, limits: {cpu: 100m}}
      """;

  NewerFeaturesE2eTest(Cluster cluster) {
    super(cluster);
  }

  /** It sees the processes of the container that it is to look at, which is named by its id. */
  @Test
  void anEphemeralContainerSharesTheProcessesOfItsTarget() {
    EverywherePods pods = everywhere("debugged", SLEEPER).awaitReady();
    pods.forEach(
        pod ->
            cluster
                .kubectl(
                    "debug",
                    pod.name(),
                    "--image=registry.test/busybox:1",
                    "--target=main",
                    "--container=debugger",
                    "--",
                    "sleep",
                    "2000")
                .orThrow());
    pods.await("debugged", pod -> pod.state("debugger").equals("running"));
    pods.forEach(
        pod ->
            assertThat(pod.exec("debugger", "tr '\\0' ' ' < /proc/1/cmdline").output())
                .isEqualTo("sleep 1000 "));
    pods.assertSameReports();
  }

  /** An init container that goes on, and that is there before the others begin. */
  @Test
  void aSidecarRunsFromBeforeTheOthersBegin() {
    assumeTrue(cluster.kubernetes().isAtLeast(29), "sidecars came with Kubernetes 1.29");
    EverywherePods pods =
        everywhere(
            "sidecar",
            """
            initContainers:
            - name: sidecar
              image: registry.test/busybox:1
              restartPolicy: Always
              command: [sh, -c, "exec httpd -f -p 8080 -h /etc"]
              startupProbe: {httpGet: {path: /passwd, port: 8080}, periodSeconds: 1, timeoutSeconds: 10}
            containers:
            - name: main
              image: registry.test/busybox:1
              command: [sh, -c, "wget -q -O - http://127.0.0.1:8080/group; sleep 1000"]
            """);
    pods.awaitReady();
    pods.forEach(pod -> assertThat(pod.logs("main")).contains("app:x:1000"));
    pods.assertSameReports();
  }

  /** Its runtime pulls and mounts it. */
  @Test
  void aVolumeMayBeAnImage() {
    assumeTrue(cluster.kubernetes().isAtLeast(35), "image volumes came with Kubernetes 1.35");
    cluster.registry().push("files:1", TestImage.busybox().withLabel("of", "files"));
    EverywherePods pods =
        at(
            "image-volume",
            """
            volumes: [{name: files, image: {reference: "registry.test/files:1"}}]
            containers:
            - name: main
              image: registry.test/busybox:1
              command: [sleep, "1000"]
              volumeMounts: [{name: files, mountPath: /files}]
            """,
            Place.DIRECT,
            Place.PRIMARY,
            Place.SPECIAL);
    pods.awaitReady();
    pods.forEach(
        pod ->
            assertThat(pod.exec("main", "cat /files/etc/group").output()).contains("app:x:1000"));
    pods.assertSameReports();
  }

  /** A kubelet refuses pods that need what the runtime does not say it has. */
  @Test
  void podsNeedFeaturesOfTheNodeAndOfTheirRuntimeHandler() {
    assumeTrue(cluster.kubernetes().isAtLeast(33), "both features came with Kubernetes 1.33");
    EverywherePods pods =
        everywhere(
            "featured",
            """
            securityContext: {runAsUser: 1000, supplementalGroups: [3000], supplementalGroupsPolicy: Strict}
            volumes: [{name: work, emptyDir: {}}]
            containers:
            - name: main
              image: registry.test/busybox:1
              command: [sleep, "1000"]
              volumeMounts: [{name: work, mountPath: /work, readOnly: true, recursiveReadOnly: Enabled}]
            """);
    pods.awaitReady();
    pods.forEach(
        pod ->
            assertThat(pod.exec("main", "id -G; touch /work/file").output())
                .contains("3000", "Read-only"));
    pods.assertSameReports();
  }

  @Test
  void aContainerGetsMoreWithoutARestart() {
    assumeTrue(cluster.kubernetes().isAtLeast(35), "resize came with Kubernetes 1.35");
    EverywherePods pods = everywhere("resized", SLEEPER).awaitReady();
    pods.forEach(
        pod ->
            cluster
                .kubectl(
                    "patch",
                    "pod",
                    pod.name(),
                    "--subresource=resize",
                    "--patch",
                    """
                    {"spec": {"containers": [{"name": "main", "resources": {"limits": {"cpu": "200m"}}}]}}
                    """)
                .orThrow());
    pods.await(
        "resized",
        pod ->
            pod.container("main")
                .filter(status -> status.getAsJsonObject("resources").toString().contains("200m"))
                .isPresent());
    pods.assertSameReports();
  }
}
