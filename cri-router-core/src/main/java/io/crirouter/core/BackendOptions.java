package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Options of one backend. Start from {@link #DEFAULT}.
 *
 * @param idPrefix the prefix of this backend's ids towards the client, without the {@code __} that
 *     follows; by default the first four letters and digits of the backend's name. Not used for the
 *     primary, whose ids never change
 * @param runtimeHandlers runtime handlers that have another name at this runtime: from the name
 *     that pods use to the runtime's name
 * @param streamBaseUrl the base URL for a bare path that the runtime answers to Exec, Attach or
 *     PortForward, {@code http://127.0.0.1:10010} for example
 * @param pinnedImages names of images (towards the client) that are reported as pinned, so that
 *     image garbage collection keeps them: older runtimes do not pin their pause image
 */
public record BackendOptions(
    Optional<String> idPrefix,
    Map<String, String> runtimeHandlers,
    Optional<String> streamBaseUrl,
    List<Pattern> pinnedImages) {
  /** No options. */
  public static final BackendOptions DEFAULT =
      new BackendOptions(Optional.empty(), Map.of(), Optional.empty(), List.of());

  private static final Pattern ID_PREFIX = Pattern.compile("[a-z0-9]{1,4}");

  /**
   * Copies the collections and checks the values.
   *
   * @throws IllegalArgumentException if the id prefix is not 1 to 4 lower-case letters or digits,
   *     or if two runtime handlers have the same name at the runtime
   */
  public BackendOptions {
    requireNonNull(streamBaseUrl, "streamBaseUrl");
    idPrefix.ifPresent(BackendOptions::requirePrefix);
    runtimeHandlers = Map.copyOf(runtimeHandlers);
    pinnedImages = List.copyOf(pinnedImages);
    Set<String> seen = new HashSet<>();
    for (String handler : runtimeHandlers.values()) {
      if (!seen.add(handler)) {
        throw new IllegalArgumentException(
            "two runtime handlers are renamed to '"
                + handler
                + "', so that the router could not name the pods that run there");
      }
    }
  }

  private static void requirePrefix(String prefix) {
    if (!ID_PREFIX.matcher(prefix).matches()) {
      throw new IllegalArgumentException(
          "id prefix '" + prefix + "' is not valid: use 1 to 4 lower-case letters or digits");
    }
  }

  /** The same with this id prefix. */
  public BackendOptions withIdPrefix(String prefix) {
    return new BackendOptions(Optional.of(prefix), runtimeHandlers, streamBaseUrl, pinnedImages);
  }

  /** The same with one more renamed runtime handler. */
  public BackendOptions withRuntimeHandler(String podsName, String runtimesName) {
    Map<String, String> more = new HashMap<>(runtimeHandlers);
    more.put(podsName, runtimesName);
    return new BackendOptions(idPrefix, more, streamBaseUrl, pinnedImages);
  }

  /** The same with a base for stream urls that are bare paths. */
  public BackendOptions withStreamBaseUrl(String url) {
    return new BackendOptions(idPrefix, runtimeHandlers, Optional.of(url), pinnedImages);
  }

  /** The same with one more pattern of pinned image names; it must match a whole name. */
  public BackendOptions withPinnedImages(Pattern names) {
    List<Pattern> more = new ArrayList<>(pinnedImages);
    more.add(names);
    return new BackendOptions(idPrefix, runtimeHandlers, streamBaseUrl, more);
  }
}
