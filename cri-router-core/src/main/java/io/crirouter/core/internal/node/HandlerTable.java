package io.crirouter.core.internal.node;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.routing.PolicyGuard;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.RuntimeHandler;
import io.crirouter.proto.v1.StatusResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The runtime handlers of the node. Each name has the entry of the backend that would get a pod
 * with that handler, so that a kubelet sees the features of the right runtime.
 */
final class HandlerTable {
  private static final int HANDLERS = StatusResponse.RUNTIME_HANDLERS_FIELD_NUMBER;
  private static final int NAME = RuntimeHandler.NAME_FIELD_NUMBER;

  private final Backends backends;
  private final PolicyGuard policy;

  HandlerTable(Backends backends, PolicyGuard policy) {
    this.backends = backends;
    this.policy = policy;
  }

  /**
   * The serialized entries, those of the primary first.
   *
   * @param primary the primary's StatusResponse
   * @param lastStatus the last Status of each secondary
   */
  List<ByteString> entries(WireMessage primary, Function<Backend, WireMessage> lastStatus)
      throws MalformedMessageException {
    Map<Backend, Map<String, WireMessage>> reported = new LinkedHashMap<>();
    reported.put(backends.primary(), byClientName(backends.primary(), primary));
    for (Backend backend : backends.secondaries()) {
      reported.put(backend, byClientName(backend, lastStatus.apply(backend)));
    }
    Set<String> names = new LinkedHashSet<>();
    reported.values().forEach(entries -> names.addAll(entries.keySet()));
    names.addAll(policy.runtimeHandlers());
    List<ByteString> entries = new ArrayList<>();
    for (String name : names) {
      ByteString entry = entry(name, reported);
      if (entry != null) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static Map<String, WireMessage> byClientName(Backend backend, WireMessage status)
      throws MalformedMessageException {
    Map<String, WireMessage> entries = new LinkedHashMap<>();
    for (WireMessage entry : status.messages(HANDLERS)) {
      entries.put(backend.translator().clientHandler(entry.string(NAME)), entry);
    }
    return entries;
  }

  /** The entry for one name, or null if no pod could use it. */
  private @Nullable ByteString entry(String name, Map<Backend, Map<String, WireMessage>> reported) {
    Backend backend = name.isEmpty() ? backends.primary() : target(name);
    WireMessage entry =
        reported.getOrDefault(backend, Map.of()).getOrDefault(name, WireMessage.EMPTY);
    if (entry != WireMessage.EMPTY) {
      return entry.string(NAME).equals(name)
          ? entry.toByteString()
          : new WireWriter().raw(entry.without(NAME)).string(NAME, name).toByteString();
    }
    return policy.runtimeHandlers().contains(name)
        ? new WireWriter().string(NAME, name).toByteString()
        : null;
  }

  /** The backend of pods with this handler; the primary if the policy names no valid one. */
  private Backend target(String handler) {
    Optional<BackendName> name = policy.forRuntimeHandler(handler);
    Backend target = name.isPresent() ? backends.find(name.get()) : null;
    return target == null ? backends.primary() : target;
  }
}
