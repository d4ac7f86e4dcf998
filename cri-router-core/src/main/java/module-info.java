/** The pure core of cri-router: routing, rewriting and merging of CRI calls. */
module io.crirouter.core {
  requires transitive com.google.protobuf;
  requires transitive org.jspecify;
  requires com.google.common;
  requires io.crirouter.proto;

  exports io.crirouter.core;
}
