package io.crirouter.examples.node;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** A pod as the API server has it. */
record PodReport(JsonObject pod) {
  private static final List<String> LISTS =
      List.of("initContainerStatuses", "containerStatuses", "ephemeralContainerStatuses");

  private JsonObject status() {
    return pod.getAsJsonObject("status");
  }

  String phase() {
    return text(status(), "phase");
  }

  String ip() {
    return text(status(), "podIP");
  }

  String uid() {
    return text(pod.getAsJsonObject("metadata"), "uid");
  }

  /** The status of a condition; empty if there is none. */
  String condition(String type) {
    return conditions().getOrDefault(type, "");
  }

  private SortedMap<String, String> conditions() {
    SortedMap<String, String> conditions = new TreeMap<>();
    for (JsonElement each : array(status(), "conditions")) {
      JsonObject condition = each.getAsJsonObject();
      conditions.put(text(condition, "type"), text(condition, "status"));
    }
    return conditions;
  }

  boolean isReady() {
    return condition("Ready").equals("True");
  }

  /** The status of a container of any kind. */
  Optional<JsonObject> container(String name) {
    return containers().stream().filter(each -> text(each, "name").equals(name)).findFirst();
  }

  private List<JsonObject> containers() {
    List<JsonObject> all = new ArrayList<>();
    for (String list : LISTS) {
      array(status(), list).forEach(each -> all.add(each.getAsJsonObject()));
    }
    return all;
  }

  int restarts(String container) {
    return container(container).map(each -> each.get("restartCount").getAsInt()).orElse(0);
  }

  /** {@code running}, or why the container waits or has ended; empty if nothing is known of it. */
  String state(String container) {
    return container(container).map(each -> state(each, "state")).orElse("");
  }

  /** The same of the container before. */
  String lastState(String container) {
    return container(container).map(each -> state(each, "lastState")).orElse("");
  }

  private static String state(JsonObject container, String key) {
    if (!container.has(key) || container.getAsJsonObject(key).size() == 0) {
      return "";
    }
    Map.Entry<String, JsonElement> state =
        container.getAsJsonObject(key).entrySet().iterator().next();
    JsonObject details = state.getValue().getAsJsonObject();
    return switch (state.getKey()) {
      case "running" -> "running";
      case "waiting" -> text(details, "reason");
      default -> text(details, "reason") + " " + text(details, "exitCode");
    };
  }

  /** The container's id as the kubelet knows it. */
  String containerId(String container) {
    return container(container).map(each -> text(each, "containerID")).orElse("");
  }

  /** What must be the same at every place: neither times nor ids nor addresses. */
  String summary() {
    StringBuilder summary = new StringBuilder(phase() + " " + conditions());
    for (JsonObject container : containers()) {
      summary.append(
          "%n%s: %s, before: %s, %s restarts, ready %s, image %s %s"
              .formatted(
                  text(container, "name"),
                  state(container, "state"),
                  state(container, "lastState"),
                  text(container, "restartCount"),
                  text(container, "ready"),
                  text(container, "image"),
                  text(container, "imageID")));
    }
    return NormalText.of(summary.toString());
  }

  private static JsonArray array(JsonObject object, String key) {
    return object.has(key) ? object.getAsJsonArray(key) : new JsonArray();
  }

  private static String text(JsonObject object, String key) {
    return object.has(key) ? object.get(key).getAsString() : "";
  }

  @Override
  public String toString() {
    return text(pod.getAsJsonObject("metadata"), "name") + ": " + summary();
  }
}
