package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the owners of image refs, and translates image refs between client and runtimes. Immutable.
 */
public final class ImageNames {
  private static final Pattern ID = Pattern.compile("(sha256:)?[0-9a-f]{1,64}");
  private static final String SHA256 = "sha256:";
  private static final int FULL_ID_LENGTH = 64;

  private final Backends backends;
  private final ImageStrategy strategy;

  /** The names of these backends' images under {@code strategy}. */
  public ImageNames(Backends backends, ImageStrategy strategy) {
    this.backends = backends;
    this.strategy = strategy;
  }

  /** Whether this backend's image refs are the same for client and runtime. */
  public boolean areUnchanged(Backend backend) {
    return prefix(backend) == null;
  }

  /** The secondary whose prefix {@code image} has, or null; a configured one is preferred. */
  public @Nullable Backend prefixOwner(String image) {
    for (Backend backend : backends.secondaries()) {
      String prefix = prefix(backend);
      if (prefix != null && image.startsWith(prefix)) {
        Backend configured = backend.isConfigured() ? backend : backends.find(backend.name());
        return configured == null ? backend : configured;
      }
    }
    return null;
  }

  /** The backends that can have an image that is named without a pod. */
  public List<Backend> candidates(String image) {
    if (image.isEmpty() || strategy == ImageStrategy.SHARED_NAMES || looksLikeId(image)) {
      return backends.all();
    }
    Backend owner = prefixOwner(image);
    return List.of(owner == null ? backends.primary() : owner);
  }

  /**
   * The same without backends that were never seen, which have no images. A single candidate stays
   * in any case, so that the client gets its UNAVAILABLE.
   */
  public List<Backend> seenCandidates(String image) {
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
   * Translates an image ref in a request that goes to {@code owner}.
   *
   * @throws RpcException FAILED_PRECONDITION if it has the prefix of another backend, whose name
   *     has a dot
   */
  void toRuntime(Backend owner, byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    if (end == start || strategy == ImageStrategy.SHARED_NAMES) {
      return;
    }
    String image = new String(buffer, start, end - start, UTF_8);
    Backend named = prefixOwner(image);
    if (named == owner) {
      replacement.dropStart(prefixBytes(owner).length);
    } else if (named != null && looksLikeHost(named)) {
      throw new RpcException(
          Code.FAILED_PRECONDITION,
          String.format(
              "image '%s' is one of runtime %s, but the pod belongs to runtime %s: mark the pod for"
                  + " runtime %s, or use another image",
              image, named.name(), owner.name(), named.name()));
    }
  }

  /**
   * Whether a prefix can only be that of a runtime. A prefix without a dot can also be a user of
   * Docker Hub, whose images every pod may use.
   */
  private static boolean looksLikeHost(Backend backend) {
    return backend.name().value().indexOf('.') >= 0;
  }

  /**
   * The backend whose prefix {@code image} has, if its name has a dot; else null. A prefix without
   * a dot is not a certain owner.
   */
  public @Nullable Backend ownerByDottedPrefix(String image) {
    Backend owner = prefixOwner(image);
    return owner != null && looksLikeHost(owner) ? owner : null;
  }

  /** Translates an image ref in a response of {@code owner}; ids and digests stay unchanged. */
  void toClient(Backend owner, byte[] buffer, int start, int end, Replacement replacement) {
    if (end > start && !isId(buffer, start, end)) {
      replacement.prepend(prefixBytes(owner));
    }
  }

  private static boolean isId(byte[] buffer, int start, int end) {
    if (end - start > SHA256.length() && startsWithSha256(buffer, start)) {
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

  private static boolean startsWithSha256(byte[] buffer, int start) {
    for (int i = 0; i < SHA256.length(); i++) {
      if (buffer[start + i] != SHA256.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private @Nullable String prefix(Backend backend) {
    return backend.isPrimary() || strategy == ImageStrategy.SHARED_NAMES
        ? null
        : backend.imagePrefix();
  }

  private static byte[] prefixBytes(Backend backend) {
    return backend.imagePrefixBytes();
  }
}
