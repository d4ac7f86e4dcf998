package io.crirouter.examples.bench.core;

import com.google.protobuf.ByteString;

/** Checks that the result of a benchmark is exact to the byte. */
final class ResultCheck {
  private ResultCheck() {}

  static void check(String what, ByteString expected, ByteString actual) {
    if (!expected.equals(actual)) {
      throw new IllegalStateException(
          what
              + ": "
              + actual.size()
              + " bytes that differ from the "
              + expected.size()
              + " expected");
    }
  }
}
