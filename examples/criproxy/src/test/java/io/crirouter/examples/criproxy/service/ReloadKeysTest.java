package io.crirouter.examples.criproxy.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Reloads with a change of each key. */
@Timeout(60)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ReloadKeysTest {
  /** The keys with a changed value; those of {@code backends} belong to vm. */
  private static final Map<String, String> CHANGES = new TreeMap<>();

  private static final Set<String> AT_ONCE =
      Set.of(
          "policies",
          "log.level",
          "drainTimeout",
          "backends.name",
          "backends.endpoint",
          "backends.runtimeHandlers",
          "backends.pinnedImages",
          "backends.streamBaseUrl",
          "backends.connectTimeout",
          "backends.maxResponseBytes");

  static {
    CHANGES.put("listen", "/tmp/other.sock");
    CHANGES.put("socketMode", "0660");
    CHANGES.put("socketGroup", "root");
    CHANGES.put("allowedUids", "[0]");
    CHANGES.put("backends.name", "renamed");
    CHANGES.put("backends.endpoint", "moved");
    CHANGES.put("backends.idPrefix", "v");
    CHANGES.put("backends.images", "shared");
    CHANGES.put("backends.runtimeHandlers", "{vm: qemu}");
    CHANGES.put("backends.pinnedImages", "[pause]");
    CHANGES.put("backends.streamBaseUrl", "http://127.0.0.1:1");
    CHANGES.put("backends.connectTimeout", "4s");
    CHANGES.put("backends.maxResponseBytes", "1Mi");
    CHANGES.put("policies", "[{always: containerd}]");
    CHANGES.put("ids", "native");
    CHANGES.put("images", "shared");
    CHANGES.put("stateFile", "/tmp/state");
    CHANGES.put("forget", "[gone]");
    CHANGES.put("admin.socket", "off");
    CHANGES.put("log.level", "warn");
    CHANGES.put("log.format", "json");
    CHANGES.put("metrics.listen", "9095");
    CHANGES.put("tracing.endpoint", "4317");
    CHANGES.put("tracing.samplingRatio", "0.5");
    CHANGES.put("tracing.serviceName", "cri");
    CHANGES.put("drainTimeout", "7s");
    for (String timeout :
        Set.of(
            "podLists",
            "otherMerges",
            "connecting",
            "ownQueries",
            "firstContact",
            "afterLoss",
            "lateAnswers")) {
      CHANGES.put("timeouts." + timeout, "77s");
    }
    CHANGES.put("limits.maxRequestBytes", "1Mi");
    CHANGES.put("limits.requestBytesPerConnection", "17Mi");
    CHANGES.put("limits.requestBytes", "48Mi");
    CHANGES.put("limits.unreadBytesPerConnection", "17Mi");
    CHANGES.put("limits.unreadBytes", "64Mi");
    CHANGES.put("limits.callsPerConnection", "77");
    CHANGES.put("limits.connections", "77");
    CHANGES.put("limits.resets", "77");
    CHANGES.put("limits.resetWindow", "77s");
    CHANGES.put("limits.handshakeTimeout", "77s");
    CHANGES.put("limits.idleTimeout", "77s");
  }

  @TempDir private static Path folder;
  private ServedNode node;
  private ProxyService service;

  @BeforeAll
  void start() throws Exception {
    node = new ServedNode(folder, "containerd", "vm");
    node.serve("vm", "moved");
    node.serve("renamed", "renamed");
    node.write(config("", ""));
    service = node.start();
  }

  @AfterAll
  void stop() {
    service.close();
    node.close();
  }

  private String config(String key, String value) {
    String[] path = key.split("\\.", 2);
    String name = key.equals("backends.name") ? value : "vm";
    String socket = Set.of("backends.endpoint", "backends.name").contains(key) ? value : "vm";
    String more =
        key.startsWith("backends.") && socket.equals("vm") ? ", " + path[1] + ": " + value : "";
    String base = node.config(node.backend("containerd") + node.backend(name, socket, more), "");
    if (key.isEmpty() || key.startsWith("backends.")) {
      return base;
    }
    if (key.equals("listen")) {
      return base.replaceFirst("listen: .*", "listen: " + value);
    }
    String endpoint =
        path[0].equals("tracing") && !path[1].equals("endpoint") ? "endpoint: 4317, " : "";
    return base
        + (path.length == 1
            ? key + ": " + value + "\n"
            : path[0] + ": {" + endpoint + path[1] + ": " + value + "}\n");
  }

  @Test
  void everyKeyIsTried() {
    Set<String> keys = new TreeSet<>();
    collect("", JsonParser.parseString(ProxyConfig.jsonSchema()).getAsJsonObject(), keys);

    assertThat(CHANGES.keySet()).containsExactlyInAnyOrderElementsOf(keys);
  }

  /** Policies are one value. */
  private static void collect(String path, JsonObject schema, Set<String> keys) {
    JsonObject section = path.equals("backends.") ? schema.getAsJsonObject("items") : schema;
    section
        .getAsJsonObject("properties")
        .entrySet()
        .forEach(
            property -> {
              String key = path + property.getKey();
              JsonObject below = property.getValue().getAsJsonObject();
              if (below.has("properties") || key.equals("backends")) {
                collect(key + ".", below, keys);
              } else {
                keys.add(key);
              }
            });
  }

  /** The key as the message has it: a section that was not there before is one change. */
  private static String section(String key) {
    return key.replaceFirst("^(metrics|tracing)\\..*", "$1");
  }

  static Set<String> keys() {
    return CHANGES.keySet();
  }

  @ParameterizedTest
  @MethodSource("keys")
  void eachKeyIsAppliedOrRefusedWithTheNeedForAHandOver(String key) throws Exception {
    node.write(config(key, CHANGES.get(key)));
    ProxyConfig before = service.config();
    ProxyConfig wanted = node.read();
    assertThat(before.differences(wanted)).as("it is a change").isNotEmpty();

    ReloadReport report = service.reload(node::read);

    assertThat(report.isApplied()).as(report.message()).isEqualTo(AT_ONCE.contains(key));
    String last = key.substring(key.indexOf('.') + 1);
    if (report.isApplied()) {
      assertThat(service.config().differences(wanted)).isEmpty();
      assertThat(report.message()).contains(last.equals("name") ? "renamed added" : last);
      node.write(config("", ""));
      assertThat(service.reload(node::read).isApplied()).isTrue();
      Await.until(
          "all is as before", () -> service.router().backends().size() == before.backends().size());
    } else {
      assertThat(report.message())
          .contains("a restart or a hand-over")
          .contains(key.startsWith("backends.") ? last + " of backend vm" : section(key));
      assertThat(service.config()).isSameAs(before);
    }
  }
}
