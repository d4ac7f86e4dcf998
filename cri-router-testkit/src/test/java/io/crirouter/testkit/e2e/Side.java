package io.crirouter.testkit.e2e;

import com.google.protobuf.Message;
import com.google.protobuf.TextFormat;
import com.google.protobuf.TextFormat.ParseException;
import io.crirouter.core.BackendName;
import io.crirouter.core.RoutingPolicy;
import java.util.Map;

/** The two runtimes behind the router, and how the names of their things look in front of it. */
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

  /** What a pod says to be sent here. */
  Map<String, String> annotations() {
    return annotations;
  }

  /** The client's name for the image that the runtime knows as {@code name}. */
  String image(String name) {
    return imagePrefix + name;
  }

  /** The client's id for what the runtime knows as {@code id}. */
  String id(String id) {
    return idPrefix + id;
  }

  /** Whether {@code id} is what a client of the router must see of this runtime's ids. */
  boolean isIdForClients(String id) {
    return id.matches(idPrefix + "[0-9a-f]{64}");
  }

  /** The runtime's own id for what the client knows as {@code id}. */
  String ownId(String id) {
    if (!id.startsWith(idPrefix)) {
      throw new IllegalArgumentException(id + " is not of " + backend);
    }
    return id.substring(idPrefix.length());
  }

  /**
   * What the runtime must have said for the client to have received {@code message}: the same text
   * without the prefixes, wherever they are.
   */
  @SuppressWarnings("unchecked")
  <M extends Message> M asTheRuntimeSaidIt(M message) {
    if (this == PRIMARY) {
      return message;
    }
    String text = TextFormat.printer().printToString(message);
    Message.Builder builder = message.newBuilderForType();
    try {
      TextFormat.merge(text.replace(idPrefix, "").replace(imagePrefix, ""), builder);
    } catch (ParseException e) {
      throw new AssertionError("a printed message cannot be read", e);
    }
    return (M) builder.build();
  }
}
