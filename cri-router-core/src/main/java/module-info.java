/** The pure core of cri-router: routing, rewriting and merging of CRI calls. */
@SuppressWarnings("module") // the core is compiled before io.crirouter.grpc
module io.crirouter.core {
  requires transitive com.google.protobuf;
  requires transitive org.jspecify;
  requires static transitive com.google.errorprone.annotations;
  requires com.google.common;
  requires transitive io.crirouter.proto;

  exports io.crirouter.core;
  exports io.crirouter.core.internal.call to
      io.crirouter.grpc;
  exports io.crirouter.core.internal.versions to
      io.crirouter.grpc;
}
