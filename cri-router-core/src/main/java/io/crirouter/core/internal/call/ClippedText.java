package io.crirouter.core.internal.call;

import org.jspecify.annotations.Nullable;

/**
 * Cuts texts that others wrote, for logs, for the node's Status and for messages that quote them.
 * The status of a call itself is passed on whole.
 */
public final class ClippedText {
  /** The length of a text that was cut, in bytes of UTF-8. */
  public static final int MAX_BYTES = 1024;

  /** No char is longer in UTF-8; a surrogate is half of four bytes. */
  private static final int MAX_BYTES_PER_CHAR = 3;

  private ClippedText() {}

  /**
   * The text of {@code value}, with at most {@value #MAX_BYTES} bytes; a longer one ends with its
   * original length.
   */
  public static String of(@Nullable Object value) {
    String text = String.valueOf(value);
    if (lengthWithin(text, MAX_BYTES) == text.length()) {
      return text;
    }
    String end = "... (" + text.length() + " characters)";
    int length = lengthWithin(text, MAX_BYTES - end.length());
    boolean splitsPair = Character.isHighSurrogate(text.charAt(length - 1));
    return text.substring(0, splitsPair ? length - 1 : length) + end;
  }

  /** How many characters of {@code text} have at most {@code limit} bytes. */
  private static int lengthWithin(String text, int limit) {
    int bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      bytes += bytesOf(text.charAt(i));
      if (bytes > limit) {
        return i;
      }
    }
    return text.length();
  }

  private static int bytesOf(char c) {
    if (c < 0x80) {
      return 1;
    }
    return c < 0x800 || Character.isSurrogate(c) ? 2 : MAX_BYTES_PER_CHAR;
  }
}
