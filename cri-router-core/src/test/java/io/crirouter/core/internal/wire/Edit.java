package io.crirouter.core.internal.wire;

import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import java.nio.charset.StandardCharsets;

/**
 * A translation of references, once for text and once for bytes. None touches an empty reference:
 * in proto3 it is the same as an absent one, which a rewriter never sees.
 */
enum Edit {
  /** Leaves everything as it is. */
  KEEP {
    @Override
    String edited(String value) {
      return value;
    }

    @Override
    void edit(byte[] buffer, int start, int end, Replacement replacement) {}
  },

  /** Puts a prefix before the value. */
  PREPEND {
    @Override
    String edited(String value) {
      return RandomWire.PREFIX + value;
    }

    @Override
    void edit(byte[] buffer, int start, int end, Replacement replacement) {
      replacement.prepend(PREFIX_BYTES);
    }
  },

  /** Drops the prefix where there is one. */
  DROP_PREFIX {
    @Override
    String edited(String value) {
      return value.startsWith(RandomWire.PREFIX)
          ? value.substring(RandomWire.PREFIX.length())
          : value;
    }

    @Override
    void edit(byte[] buffer, int start, int end, Replacement replacement) {
      if (hasPrefix(buffer, start, end)) {
        replacement.dropStart(PREFIX_BYTES.length);
      }
    }
  },

  /** Puts a much longer start in place of the prefix, where there is one. */
  EXCHANGE_PREFIX {
    @Override
    String edited(String value) {
      return value.startsWith(RandomWire.PREFIX)
          ? LONG + value.substring(RandomWire.PREFIX.length())
          : value;
    }

    @Override
    void edit(byte[] buffer, int start, int end, Replacement replacement) {
      if (hasPrefix(buffer, start, end)) {
        replacement.replaceStart(PREFIX_BYTES.length, LONG_BYTES);
      }
    }
  },

  /** Another value altogether. */
  REPLACE {
    @Override
    String edited(String value) {
      return "other";
    }

    @Override
    void edit(byte[] buffer, int start, int end, Replacement replacement) {
      replacement.replaceStart(end - start, OTHER_BYTES);
    }
  },

  /** An empty value. */
  EMPTY {
    @Override
    String edited(String value) {
      return "";
    }

    @Override
    void edit(byte[] buffer, int start, int end, Replacement replacement) {
      replacement.dropStart(end - start);
    }
  };

  private static final String LONG = "0123456789".repeat(13);
  private static final byte[] LONG_BYTES = LONG.getBytes(StandardCharsets.UTF_8);
  private static final byte[] OTHER_BYTES = "other".getBytes(StandardCharsets.UTF_8);
  private static final byte[] PREFIX_BYTES = RandomWire.PREFIX.getBytes(StandardCharsets.UTF_8);

  /** The new value of one that is not empty. */
  abstract String edited(String value);

  /** The same for bytes. */
  abstract void edit(byte[] buffer, int start, int end, Replacement replacement);

  private static boolean hasPrefix(byte[] buffer, int start, int end) {
    return new String(buffer, start, end - start, StandardCharsets.UTF_8)
        .startsWith(RandomWire.PREFIX);
  }
}
