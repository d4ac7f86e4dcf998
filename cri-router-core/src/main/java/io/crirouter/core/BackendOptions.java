package io.crirouter.core;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Options of one backend. Start from {@link #DEFAULT}. Immutable. */
public final class BackendOptions {
  /** No options. */
  public static final BackendOptions DEFAULT = new BackendOptions();

  private @Nullable String idPrefix;
  private @Nullable ImageStrategy images;
  private Map<String, String> runtimeHandlers = Map.of();
  private @Nullable String streamBaseUrl;
  private List<Pattern> pinnedImages = List.of();

  private BackendOptions() {}

  private BackendOptions(BackendOptions other) {
    idPrefix = other.idPrefix;
    images = other.images;
    runtimeHandlers = other.runtimeHandlers;
    streamBaseUrl = other.streamBaseUrl;
    pinnedImages = other.pinnedImages;
  }

  /** See {@link #withIdPrefix}. */
  public Optional<String> idPrefix() {
    return Optional.ofNullable(idPrefix);
  }

  /**
   * The same with a prefix for this backend's ids towards the client, without the {@code __} that
   * follows; by default the first four letters and digits of the backend's name. Not used for the
   * primary, whose ids never change.
   *
   * @throws IllegalArgumentException if it is not 1 to 4 lower-case letters or digits
   */
  public BackendOptions withIdPrefix(String prefix) {
    BackendOptions changed = new BackendOptions(this);
    changed.idPrefix = IdOwner.requirePrefix(prefix);
    return changed;
  }

  /** See {@link #withImages}. */
  public Optional<ImageStrategy> images() {
    return Optional.ofNullable(images);
  }

  /**
   * The same with a strategy for the names of this backend's images, instead of {@link
   * CriRouter.Builder#images}. Not used for the primary, whose names never change.
   */
  public BackendOptions withImages(ImageStrategy strategy) {
    BackendOptions changed = new BackendOptions(this);
    changed.images = requireNonNull(strategy, "strategy");
    return changed;
  }

  /**
   * Runtime handlers that have another name at this runtime: from the name that pods use to the
   * runtime's name.
   */
  public Map<String, String> runtimeHandlers() {
    return runtimeHandlers;
  }

  /**
   * The same with one more renamed runtime handler.
   *
   * @throws IllegalArgumentException if another handler has the same name at the runtime, so that
   *     the router could not name the pods that run there
   */
  public BackendOptions withRuntimeHandler(String podsName, String runtimesName) {
    Map<String, String> more = new HashMap<>(runtimeHandlers);
    more.remove(podsName);
    if (more.containsValue(runtimesName)) {
      throw new IllegalArgumentException(
          "two runtime handlers are renamed to '"
              + runtimesName
              + "', so that the router could not name the pods that run there");
    }
    more.put(podsName, runtimesName);
    BackendOptions changed = new BackendOptions(this);
    changed.runtimeHandlers = Map.copyOf(more);
    return changed;
  }

  /** See {@link #withStreamBaseUrl}. */
  public Optional<String> streamBaseUrl() {
    return Optional.ofNullable(streamBaseUrl);
  }

  /**
   * The same with a base URL for a bare path that the runtime answers to Exec, Attach or
   * PortForward, {@code http://127.0.0.1:10010} for example.
   */
  public BackendOptions withStreamBaseUrl(String url) {
    BackendOptions changed = new BackendOptions(this);
    changed.streamBaseUrl = requireNonNull(url, "url");
    return changed;
  }

  /** See {@link #withPinnedImages}. */
  public List<Pattern> pinnedImages() {
    return pinnedImages;
  }

  /**
   * The same with one more pattern of image names (towards the client) that are reported as pinned,
   * so that image garbage collection keeps them: older runtimes do not pin their pause image. It
   * must match a whole name.
   */
  public BackendOptions withPinnedImages(Pattern names) {
    List<Pattern> more = new ArrayList<>(pinnedImages);
    more.add(requireNonNull(names, "names"));
    BackendOptions changed = new BackendOptions(this);
    changed.pinnedImages = List.copyOf(more);
    return changed;
  }

  @Override
  public String toString() {
    return String.format(
        "BackendOptions(idPrefix=%s, images=%s, runtimeHandlers=%s, streamBaseUrl=%s,"
            + " pinnedImages=%s)",
        idPrefix, images, runtimeHandlers, streamBaseUrl, pinnedImages);
  }
}
