package io.crirouter.examples.bench.core;

import com.google.protobuf.ByteString;

/** What is measured must be right, to the byte. */
final class Exactness {
  private Exactness() {}

  static void check(String what, ByteString expected, ByteString actual) {
    if (!expected.equals(actual)) {
      throw new IllegalStateException(
          what + ": " + actual.size() + " bytes that are not the " + expected.size() + " expected");
    }
  }
}
