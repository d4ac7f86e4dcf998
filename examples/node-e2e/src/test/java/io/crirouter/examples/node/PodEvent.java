package io.crirouter.examples.node;

import com.google.gson.JsonObject;

/**
 * What happened to a pod, as the kubelet told the API server.
 *
 * @param text type, reason, object and message without what differs from pod to pod
 * @param count how often it was told in the same words
 */
record PodEvent(String reason, String text, int count) {
  static PodEvent of(JsonObject event) {
    JsonObject object = event.getAsJsonObject("involvedObject");
    String reason = event.get("reason").getAsString();
    String part = object.has("fieldPath") ? object.get("fieldPath").getAsString() : "";
    String text =
        "%s %s %s: %s"
            .formatted(
                event.get("type").getAsString(),
                reason,
                part,
                event.has("message") ? event.get("message").getAsString() : "");
    int count = event.has("count") ? event.get("count").getAsInt() : 1;
    return new PodEvent(reason, NormalText.of(text), count);
  }

  @Override
  public String toString() {
    return count + " x " + text;
  }
}
