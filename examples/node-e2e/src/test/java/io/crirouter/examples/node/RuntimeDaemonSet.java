package io.crirouter.examples.node;

import com.google.gson.JsonArray;
import java.util.Optional;

/** A DaemonSet whose pod the primary runs, and which brings the other runtime. */
final class RuntimeDaemonSet implements AutoCloseable {
  private static final String DAEMON_SETS = "/apis/apps/v1/namespaces/default/daemonsets";

  private final Cluster cluster;
  private final String name;

  private RuntimeDaemonSet(Cluster cluster, String name) {
    this.cluster = cluster;
    this.name = name;
  }

  /** Creates it, and does not wait for its pod, which has the label {@code app: NAME}. */
  static RuntimeDaemonSet create(Cluster cluster, String name, String manifest) {
    cluster.client().post(DAEMON_SETS, manifest);
    return new RuntimeDaemonSet(cluster, name);
  }

  /** Its pod; empty if there is none at the moment. */
  Optional<TestPod> pod() {
    JsonArray pods =
        cluster
            .client()
            .get("/api/v1/namespaces/default/pods?labelSelector=app%3D" + name)
            .getAsJsonArray("items");
    if (pods.isEmpty()) {
      return Optional.empty();
    }
    String pod =
        pods.get(0).getAsJsonObject().getAsJsonObject("metadata").get("name").getAsString();
    return Optional.of(new TestPod(cluster, Place.PRIMARY, pod));
  }

  /** Deletes its pod and waits for another one, as a rolling update does. */
  void replacePod() {
    TestPod old = pod().orElseThrow();
    old.delete();
    Await.until(
        "another daemon", this::pod, pod -> pod.isPresent() && !pod.equals(Optional.of(old)));
  }

  /** Removes it, and waits for the end of its pod: two daemons must not have the same state. */
  @Override
  public void close() {
    cluster.client().send("DELETE", DAEMON_SETS + "/" + name, "").orThrow();
    Await.until("end of the daemon", () -> pod().isEmpty());
  }
}
