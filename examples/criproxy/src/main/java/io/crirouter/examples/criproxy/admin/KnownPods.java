package io.crirouter.examples.criproxy.admin;

import io.crirouter.core.CriRouter;
import io.crirouter.core.OwnedObject;
import io.crirouter.core.OwnedObject.Kind;
import io.crirouter.examples.criproxy.admin.OwnersReport.Owner;
import io.crirouter.examples.criproxy.admin.PodsReport.Pod;
import io.grpc.Status;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes reports of the pods, containers and images that the router knows. */
final class KnownPods {
  private static final int MAX_OWNERS = 1000;
  private static final String RUNNING = "CONTAINER_RUNNING";

  private final CriRouter router;

  KnownPods(CriRouter router) {
    this.router = router;
  }

  OwnersReport owners(IdQuery query) {
    if (query.id().isEmpty()) {
      throw Status.INVALID_ARGUMENT.withDescription("the id is empty").asRuntimeException();
    }
    return new OwnersReport(
        router.owners(query.id()).stream().limit(MAX_OWNERS).map(KnownPods::owner).toList());
  }

  private static Owner owner(OwnedObject object) {
    return new Owner(
        word(object.kind()),
        object.name(),
        object.backend().value(),
        object.clientId(),
        object.runtimeId(),
        object.podSandboxId(),
        object.state(),
        object.isLastKnown());
  }

  private static String word(Kind kind) {
    return kind == Kind.POD_SANDBOX ? "pod" : kind.name().toLowerCase(Locale.ROOT);
  }

  PodsReport pods() {
    Map<String, Integer> containers = new HashMap<>();
    Map<String, Integer> running = new HashMap<>();
    List<OwnedObject> objects = router.objects();
    for (OwnedObject object : objects) {
      if (object.kind() == Kind.CONTAINER) {
        containers.merge(object.podSandboxId(), 1, Integer::sum);
        running.merge(object.podSandboxId(), object.state().equals(RUNNING) ? 1 : 0, Integer::sum);
      }
    }
    return new PodsReport(
        objects.stream()
            .filter(object -> object.kind() == Kind.POD_SANDBOX)
            .map(
                pod ->
                    pod(
                        pod,
                        containers.getOrDefault(pod.clientId(), 0),
                        running.getOrDefault(pod.clientId(), 0)))
            .sorted(
                Comparator.comparing(Pod::namespace)
                    .thenComparing(Pod::name)
                    .thenComparing(Pod::createdAt))
            .toList());
  }

  private static Pod pod(OwnedObject pod, int containers, int running) {
    int slash = pod.name().indexOf('/');
    return new Pod(
        pod.name().substring(0, Math.max(slash, 0)),
        pod.name().substring(slash + 1),
        pod.backend().value(),
        pod.clientId(),
        pod.runtimeId(),
        pod.state(),
        pod.createdAt().map(Times::text).orElse(""),
        containers,
        running,
        pod.isLastKnown());
  }

  /** NAMESPACE/NAME of the pod with this id, or of the pod of this container; empty if unknown. */
  String podOf(String id) {
    for (OwnedObject object : router.owners(id)) {
      if (object.kind() != Kind.IMAGE) {
        return object.kind() == Kind.CONTAINER ? podName(object.podSandboxId()) : object.name();
      }
    }
    return "";
  }

  private String podName(String sandbox) {
    if (sandbox.isEmpty()) {
      return "";
    }
    return router.owners(sandbox).stream()
        .filter(object -> object.kind() == Kind.POD_SANDBOX)
        .map(OwnedObject::name)
        .findFirst()
        .orElse("");
  }
}
