package io.crirouter.examples.criproxy;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RoutingPolicy;
import java.util.Map;

/** The snippets of docs/policies.md, between the marks. */
abstract class StrategySnippets {
  static final BackendName CONTAINERD = BackendName.of("containerd");
  static final BackendName KATA = BackendName.of("kata");
  static final BackendName WASM = BackendName.of("wasm");

  RoutingPolicy annotation() {
    // snippet: annotation
    RoutingPolicy byName = RoutingPolicy.annotation();
    RoutingPolicy byValue =
        RoutingPolicy.annotation("example.com/isolation", Map.of("vm", KATA, "wasm", WASM));
    // end
    return RoutingPolicy.firstOf(byName, byValue);
  }

  RoutingPolicy otherValues() {
    Map<String, BackendName> table = Map.of("vm", KATA);
    // snippet: other-values
    RoutingPolicy toOne =
        RoutingPolicy.annotation("example.com/isolation", table).withOtherValuesTo(CONTAINERD);
    RoutingPolicy ignored =
        RoutingPolicy.annotation("example.com/isolation", table).withOtherValuesIgnored();
    // end
    return RoutingPolicy.firstOf(toOne, ignored);
  }

  BackendOptions runtimeHandler() {
    // snippet: runtime-handler
    RoutingPolicy policy = RoutingPolicy.runtimeHandler(Map.of("vm", KATA));
    BackendOptions kata = BackendOptions.DEFAULT.withRuntimeHandler("vm", "kata-qemu");
    // end
    return policy.runtimeHandlers().isEmpty() ? BackendOptions.DEFAULT : kata;
  }

  RoutingPolicy tables() {
    // snippet: tables
    RoutingPolicy tenants = RoutingPolicy.namespace(Map.of("tenant-a", KATA, "tenant-b", KATA));
    RoutingPolicy labelled = RoutingPolicy.label("runtime", Map.of("wasm", WASM));
    // end
    return RoutingPolicy.firstOf(tenants, labelled);
  }

  RoutingPolicy hostAccess() {
    // snippet: host-access
    RoutingPolicy policy =
        RoutingPolicy.firstOf(RoutingPolicy.hostAccess(CONTAINERD), RoutingPolicy.always(KATA));
    // end
    return policy;
  }

  RoutingPolicy imagePrefix() {
    // snippet: image-prefix
    RoutingPolicy policy = RoutingPolicy.imagePrefix(Map.of("registry.example/vm/", KATA));
    // end
    return policy;
  }

  RoutingPolicy weighted() {
    BackendName newer = BackendName.of("containerd-2");
    // snippet: weighted
    RoutingPolicy canary = RoutingPolicy.weighted(Map.of(CONTAINERD, 95, newer, 5));
    RoutingPolicy drained = RoutingPolicy.weighted(Map.of(CONTAINERD, 0, newer, 100));
    // end
    return RoutingPolicy.firstOf(canary, drained);
  }

  // snippet: own-images
  /** The runtime pulls from a mirror, and the client sees the names of the registry behind it. */
  record Mirrored(String registry, String mirror) implements ImageStrategy {
    @Override
    public String toClient(BackendName backend, String ref) {
      return ref.startsWith(mirror) ? registry + ref.substring(mirror.length()) : ref;
    }

    @Override
    public String toRuntime(BackendName backend, String clientRef) {
      return clientRef.startsWith(registry)
          ? mirror + clientRef.substring(registry.length())
          : clientRef;
    }
  }

  // end

  BackendOptions images() {
    // snippet: images-per-backend
    BackendOptions options =
        BackendOptions.DEFAULT.withImages(new Mirrored("docker.io/", "mirror.example:5000/"));
    // end
    return options;
  }
}
