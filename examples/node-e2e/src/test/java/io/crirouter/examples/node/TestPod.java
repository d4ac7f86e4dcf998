package io.crirouter.examples.node;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** One pod in the cluster. */
record TestPod(Cluster cluster, Place place, String name) {
  private static final String PODS = "/api/v1/namespaces/" + Cluster.NAMESPACE + "/pods";

  /** Creates it at its place. */
  static TestPod create(Cluster cluster, Place place, String baseName, String spec) {
    String name = baseName + "-" + place.suffix();
    cluster.client().post(PODS, place.manifest(name, cluster, spec));
    return new TestPod(cluster, place, name);
  }

  /** What the API server has of it now. */
  PodReport report() {
    return new PodReport(cluster.client().get(PODS + "/" + name));
  }

  /** Its events so far, each in a normal form with its count; those of all pods of this name. */
  List<PodEvent> events() {
    JsonObject answer =
        cluster
            .client()
            .get(
                "/api/v1/namespaces/"
                    + Cluster.NAMESPACE
                    + "/events?limit=500&fieldSelector=involvedObject.name%3D"
                    + name);
    List<PodEvent> events = new ArrayList<>();
    for (JsonElement each : answer.getAsJsonArray("items")) {
      events.add(PodEvent.of(each.getAsJsonObject()));
    }
    return events;
  }

  Shell.Outcome exec(String container, String script) {
    return cluster.kubectl("exec", name, "-c", container, "--", "sh", "-c", script);
  }

  String logs(String container, String... options) {
    List<String> arguments = new ArrayList<>(List.of("logs", name, "-c", container));
    arguments.addAll(List.of(options));
    return cluster.kubectl(arguments.toArray(String[]::new)).orThrow();
  }

  /** Attaches, writes a line, and returns what came within a second or a bit more. */
  String attach(String line) {
    String kubectl = String.join(" ", cluster.kubectlCommand());
    return Shell.run(
            "sh",
            "-c",
            "(echo \"$1\"; sleep 1) | timeout 10 %s attach -i %s".formatted(kubectl, name),
            "sh",
            line)
        .output();
  }

  /** Asks for its deletion and does not wait. */
  void delete() {
    cluster.client().send("DELETE", PODS + "/" + name, "").orThrow();
  }

  boolean isGone() {
    return cluster.client().send("GET", PODS + "/" + name, "").code() == 404;
  }

  @Override
  public String toString() {
    return name;
  }
}
