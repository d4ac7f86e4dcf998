package io.crirouter.examples.node;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;

/** What the API server says of a node. */
record NodeReport(ApiClient client, String name) {
  /** The status of one of its conditions; empty if it has none of this type. */
  String condition(String type) {
    ApiClient.Answer answer = client.send("GET", "/api/v1/nodes/" + name, "");
    if (answer.code() == 404) {
      return "";
    }
    JsonObject status = answer.orThrow().json().getAsJsonObject("status");
    if (!status.has("conditions")) {
      return "";
    }
    for (JsonElement each : status.getAsJsonArray("conditions")) {
      JsonObject condition = each.getAsJsonObject();
      if (condition.get("type").getAsString().equals(type)) {
        return condition.get("status").getAsString();
      }
    }
    return "";
  }
}
