package io.crirouter.core;

/** See {@link IdStrategy#nativeIds}. */
enum NativeIdStrategy implements IdStrategy {
  INSTANCE;

  @Override
  public String toString() {
    return "native";
  }
}
