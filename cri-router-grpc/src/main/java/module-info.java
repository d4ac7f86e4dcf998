/** Serves CRI on a UNIX socket and carries calls to runtimes over gRPC. */
module io.crirouter.grpc {
  requires transitive io.crirouter.core;
  requires transitive io.grpc;
  requires transitive org.jspecify;
  requires static transitive com.google.errorprone.annotations;
  requires com.google.common;
  requires io.grpc.netty.shaded;
  requires java.logging;
  // Netty, an automatic module, cannot ask for it: its direct buffers need it.
  requires jdk.unsupported;

  exports io.crirouter.grpc;
}
