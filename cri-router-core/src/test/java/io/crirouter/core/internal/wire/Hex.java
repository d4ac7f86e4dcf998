package io.crirouter.core.internal.wire;

import com.google.protobuf.ByteString;
import java.util.HexFormat;
import java.util.stream.Collectors;

/** Bytes as people write them down: pairs of digits, white space, comments behind a {@code #}. */
final class Hex {
  private static final int SHOWN = 400;

  private Hex() {}

  static ByteString parse(String text) {
    String digits =
        text.lines()
            .map(line -> line.replaceFirst("#.*", "").replaceAll("\\s", ""))
            .collect(Collectors.joining());
    return ByteString.copyFrom(HexFormat.of().parseHex(digits));
  }

  /** Cut off where it gets too long to read. */
  static String of(ByteString bytes) {
    String digits =
        HexFormat.of().formatHex(bytes.substring(0, Math.min(SHOWN, bytes.size())).toByteArray());
    return bytes.size() > SHOWN ? digits + "... (" + bytes.size() + " bytes)" : digits;
  }
}
