package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendConfig;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.call.ForeignCode;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the owners of image refs, and translates image refs between client and runtimes.
 * Thread-safe.
 */
public final class ImageNames {
  private static final Pattern ID = Pattern.compile("(sha256:)?[0-9a-f]{1,64}");
  private static final String SHA256 = "sha256:";
  private static final byte[] SHA256_BYTES = SHA256.getBytes(UTF_8);
  private static final int FULL_ID_LENGTH = 64;

  private final Backends backends;
  private final ImageStrategy strategy;
  private final Scheduler scheduler;

  /** The names of each backend that is part of the router. */
  private final Map<Backend, NameSpace> spaces = new ConcurrentHashMap<>();

  /**
   * @param strategy for all secondaries that have no strategy of their own
   */
  public ImageNames(Backends backends, ImageStrategy strategy, Scheduler scheduler) {
    this.backends = backends;
    this.strategy = strategy;
    this.scheduler = scheduler;
    backends.whenJoined(backend -> spaces.put(backend, space(backend.config())));
    backends.whenLeft(spaces::remove);
  }

  private NameSpace space(BackendConfig config) {
    ImageStrategy its = config.options().images().orElse(strategy);
    if (config.isPrimary() || its == SharedImages.INSTANCE) {
      return NameSpace.UNCHANGED;
    }
    return its == PrefixedImages.INSTANCE
        ? new PrefixedNames(PrefixedImages.prefix(config.name()))
        : new StrategyNames(
            its, new ForeignCode("image strategy " + its, scheduler), config.name());
  }

  /** The names of the images of a backend. */
  NameSpace of(Backend backend) {
    NameSpace known = spaces.get(backend);
    return known == null ? space(backend.config()) : known;
  }

  /**
   * The secondary that a name shows to be its owner, or null; a configured one is preferred.
   *
   * @throws RpcException INTERNAL if an embedder's strategy fails, or two claim the name
   */
  public @Nullable Backend owner(String image) throws RpcException {
    Backend owner = null;
    for (Backend backend : backends.secondaries()) {
      if (!of(backend).owns(image)) {
        continue;
      }
      if (owner != null && !owner.name().equals(backend.name())) {
        throw new RpcException(
            Code.INTERNAL,
            String.format(
                "image name '%s' is one of runtimes %s and %s: their image strategies do not fit"
                    + " together",
                image, owner.name(), backend.name()));
      }
      owner = owner == null || backend.isConfigured() ? backend : owner;
    }
    return owner;
  }

  /** The same, but only if the name cannot also be that of a user of Docker Hub; else null. */
  public @Nullable Backend certainOwner(String image) throws RpcException {
    return hasHost(image) ? owner(image) : null;
  }

  /** Whether a name begins with a registry's host, as every client of registries sees it. */
  private static boolean hasHost(String image) {
    int slash = image.indexOf('/');
    int dot = image.indexOf('.');
    int colon = image.indexOf(':');
    return (dot >= 0 && dot < slash) || (colon >= 0 && colon < slash);
  }

  /** The backends that can have an image that is named without a pod. */
  public List<Backend> candidates(String image) throws RpcException {
    if (image.isEmpty() || looksLikeId(image)) {
      return backends.all();
    }
    Backend owner = owner(image);
    if (owner != null) {
      return List.of(owner);
    }
    List<Backend> candidates = new ArrayList<>();
    for (Backend backend : backends.all()) {
      if (backend.isPrimary() || of(backend).canHave(image)) {
        candidates.add(backend);
      }
    }
    return candidates;
  }

  /**
   * The same without backends that were never seen, which have no images. A single candidate stays
   * in any case, so that the client gets its UNAVAILABLE.
   */
  public List<Backend> seenCandidates(String image) throws RpcException {
    List<Backend> candidates = candidates(image);
    return candidates.size() == 1
        ? candidates
        : candidates.stream().filter(Backend::hasContent).toList();
  }

  /** Whether {@code image} can be an image id or the start of one. */
  public static boolean looksLikeId(String image) {
    return ID.matcher(image).matches();
  }

  /**
   * Whether the id {@code candidate} is {@code named} or starts with it, as crictl shortens ids.
   */
  public static boolean isIdOf(String named, String candidate) {
    return bare(candidate).startsWith(bare(named));
  }

  private static String bare(String id) {
    return id.startsWith(SHA256) ? id.substring(SHA256.length()) : id;
  }

  /**
   * Translates an image ref in a request that goes to {@code backend}.
   *
   * @throws RpcException FAILED_PRECONDITION if another backend certainly owns it
   */
  void toRuntime(Backend backend, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    if (end == start || isId(buffer, start, end)) {
      return;
    }
    String image = new String(buffer, start, end - start, UTF_8);
    Backend owner = certainOwner(image);
    if (owner != null && owner != backend) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          String.format(
              "image '%s' is one of runtime %s, but the pod belongs to runtime %s: mark the pod for"
                  + " runtime %s, or use another image",
              image, owner.name(), backend.name(), owner.name()));
    }
    boolean unused = of(backend).toRuntime(buffer, start, end, replacement);
  }

  /** Whether a ref is an image id or a digest, which are the same everywhere. */
  static boolean isId(byte[] buffer, int start, int end) {
    int digits = start + SHA256_BYTES.length;
    if (end > digits
        && Arrays.equals(buffer, start, digits, SHA256_BYTES, 0, SHA256_BYTES.length)) {
      return true;
    }
    if (end - start != FULL_ID_LENGTH) {
      return false;
    }
    for (int i = start; i < end; i++) {
      if (Character.digit(buffer[i], 16) < 0) {
        return false;
      }
    }
    return true;
  }

  /**
   * Checks the image strategy of a backend with names that images could have.
   *
   * @throws IllegalArgumentException if it breaks a rule
   */
  public void requireUsable(BackendConfig config) {
    ImageStrategyCheck check = new ImageStrategyCheck(space(config), config.name());
    check.require();
    for (Backend other : backends.secondaries()) {
      if (!other.name().equals(config.name())) {
        check.requireDistinct(of(other), other.name());
      }
    }
  }
}
