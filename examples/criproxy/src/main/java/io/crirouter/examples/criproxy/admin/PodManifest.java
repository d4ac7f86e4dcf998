package io.crirouter.examples.criproxy.admin;

import io.crirouter.examples.criproxy.config.BadConfigurationException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads the pods of Kubernetes manifests in YAML or JSON: Pods, and kinds with a pod template, such
 * as Deployments.
 */
final class PodManifest {
  private static final List<String> CONTAINERS =
      List.of("containers", "initContainers", "ephemeralContainers");

  private PodManifest() {}

  /**
   * A pod of a manifest.
   *
   * @param query the pod; its runtime handler is the name of its RuntimeClass
   * @param runtimeClass its RuntimeClass; empty if it has none
   */
  record Pod(PodQuery query, String runtimeClass) {
    /** The same pod with the handler of its RuntimeClass. */
    Pod withHandler(String handler) {
      return new Pod(
          new PodQuery(
              query.namespace(),
              query.name(),
              query.uid(),
              query.labels(),
              query.annotations(),
              handler,
              query.hostNetwork(),
              query.hostPid(),
              query.hostIpc(),
              query.privileged()),
          runtimeClass);
    }
  }

  /** The pods in {@code text}; at least one. */
  static List<Pod> read(String name, String text) throws BadConfigurationException {
    List<Pod> pods = new ArrayList<>();
    try {
      LoadSettings settings =
          LoadSettings.builder().setLabel(name).setAllowDuplicateKeys(false).build();
      for (Object document : new Load(settings).loadAllFromString(text)) {
        addPods(map(document), pods);
      }
    } catch (YamlEngineException e) {
      throw new BadConfigurationException(name + " is not YAML: " + e.getMessage(), e);
    }
    if (pods.isEmpty()) {
      throw new BadConfigurationException(
          name + " has no pod: expected kind Pod, a List, or a kind with a pod template", null);
    }
    return pods;
  }

  private static void addPods(Map<?, ?> object, List<Pod> pods) {
    if (object.get("items") instanceof List<?> items) {
      items.forEach(item -> addPods(map(item), pods));
      return;
    }
    Map<?, ?> spec = map(object.get("spec"));
    Map<?, ?> template = map(map(map(spec.get("jobTemplate")).get("spec")).get("template"));
    if (template.isEmpty()) {
      template = map(spec.get("template"));
    }
    Map<?, ?> metadata = map(object.get("metadata"));
    if (!template.isEmpty()) {
      // A pod of a template gets its own name and uid later.
      Map<Object, Object> podMetadata = new LinkedHashMap<>(map(template.get("metadata")));
      podMetadata.putIfAbsent("namespace", metadata.get("namespace"));
      podMetadata.putIfAbsent("name", metadata.get("name") + "-...");
      pods.add(pod(podMetadata, map(template.get("spec"))));
    } else if (spec.get("containers") instanceof List<?>) {
      pods.add(pod(metadata, spec));
    }
  }

  private static Pod pod(Map<?, ?> metadata, Map<?, ?> spec) {
    String namespace = text(metadata.get("namespace"));
    String name = text(metadata.get("name"));
    String runtimeClass = text(spec.get("runtimeClassName"));
    return new Pod(
        new PodQuery(
            namespace.isEmpty() ? "default" : namespace,
            name.isEmpty() ? text(metadata.get("generateName")) + "..." : name,
            text(metadata.get("uid")),
            texts(metadata.get("labels")),
            texts(metadata.get("annotations")),
            runtimeClass,
            isTrue(spec.get("hostNetwork")),
            isTrue(spec.get("hostPID")),
            isTrue(spec.get("hostIPC")),
            isPrivileged(spec)),
        runtimeClass);
  }

  private static boolean isPrivileged(Map<?, ?> spec) {
    for (String kind : CONTAINERS) {
      if (spec.get(kind) instanceof List<?> containers) {
        for (Object container : containers) {
          if (isTrue(map(map(container).get("securityContext")).get("privileged"))) {
            return true;
          }
        }
      }
    }
    return false;
  }

  private static Map<?, ?> map(@Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static Map<String, String> texts(@Nullable Object value) {
    Map<String, String> texts = new LinkedHashMap<>();
    map(value).forEach((key, text) -> texts.put(text(key), text(text)));
    return texts;
  }

  private static String text(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  private static boolean isTrue(@Nullable Object value) {
    return Boolean.TRUE.equals(value);
  }
}
