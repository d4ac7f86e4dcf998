/** Serves CRI on a UNIX socket and sends calls to runtimes over gRPC. */
module io.crirouter.grpc {
  requires transitive io.crirouter.core;
  requires transitive io.grpc;
  requires transitive org.jspecify;
  requires static transitive com.google.errorprone.annotations;
  requires com.google.common;
  requires io.grpc.netty.shaded;
  requires java.logging;
  // The direct buffers of Netty need it. As an automatic module it cannot require it itself.
  requires jdk.unsupported;

  exports io.crirouter.grpc;
}
