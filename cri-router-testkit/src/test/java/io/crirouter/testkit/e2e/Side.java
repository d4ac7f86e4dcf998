package io.crirouter.testkit.e2e;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import io.crirouter.core.BackendName;
import io.crirouter.core.RoutingPolicy;
import java.util.Map;

/** The two runtimes of a router, and the mapping of their ids and image names for clients. */
enum Side {
  PRIMARY("containerd", "", "", Map.of()),
  SECONDARY(
      "virtlet.cloud",
      "virt__",
      "virtlet.cloud/",
      Map.of(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "virtlet.cloud"));

  private final BackendName backend;
  private final String idPrefix;
  private final String imagePrefix;
  private final Map<String, String> annotations;

  Side(String backend, String idPrefix, String imagePrefix, Map<String, String> annotations) {
    this.backend = BackendName.of(backend);
    this.idPrefix = idPrefix;
    this.imagePrefix = imagePrefix;
    this.annotations = annotations;
  }

  Side other() {
    return this == PRIMARY ? SECONDARY : PRIMARY;
  }

  BackendName backend() {
    return backend;
  }

  /** The annotations that route a pod to this runtime. */
  Map<String, String> annotations() {
    return annotations;
  }

  /** Maps the name of an image at the runtime to the name for clients. */
  String image(String name) {
    return imagePrefix + name;
  }

  /** Maps the id of the runtime to the id for clients. */
  String id(String id) {
    return idPrefix + id;
  }

  /** Whether {@code id} is an id of this runtime in the form for clients. */
  boolean isIdForClients(String id) {
    return id.matches(idPrefix + "[0-9a-f]{64}");
  }

  /** Maps the id for clients to the id of the runtime. */
  String ownId(String id) {
    if (!id.startsWith(idPrefix)) {
      throw new IllegalArgumentException(id + " is not of " + backend);
    }
    return id.substring(idPrefix.length());
  }

  /**
   * Maps the ids and image names in a message for clients to those of the runtime, by removing the
   * prefixes.
   */
  @SuppressWarnings("unchecked")
  <M extends Message> M toRuntimeNames(M message) {
    if (this == PRIMARY) {
      return message;
    }
    String text = TextFormat.printer().printToString(message);
    Message.Builder builder = message.newBuilderForType();
    try {
      TextFormat.merge(text.replace(idPrefix, "").replace(imagePrefix, ""), builder);
    } catch (ParseException e) {
      throw new AssertionError("cannot parse a printed message", e);
    }
    return (M) builder.build();
  }
}
