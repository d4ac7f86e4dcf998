package io.crirouter.examples.node;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.SortedMap;
import java.util.TreeMap;

/** What the API server says of a node. */
record NodeReport(ApiClient client, String name) {
  /** The status of one of its conditions; empty if it has none of this type. */
  String condition(String type) {
    return conditions().getOrDefault(type, "").replaceFirst(",.*", "");
  }

  /** Status and reason of each condition, by type; empty if there is no such node yet. */
  SortedMap<String, String> conditions() {
    SortedMap<String, String> conditions = new TreeMap<>();
    ApiClient.Answer answer = client.send("GET", "/api/v1/nodes/" + name, "");
    if (answer.code() == 404) {
      return conditions;
    }
    JsonObject status = answer.orThrow().json().getAsJsonObject("status");
    for (JsonElement each :
        status.has("conditions") ? status.getAsJsonArray("conditions") : new JsonArray()) {
      JsonObject condition = each.getAsJsonObject();
      conditions.put(
          condition.get("type").getAsString(),
          condition.get("status").getAsString() + ", " + condition.get("reason").getAsString());
    }
    return conditions;
  }
}
