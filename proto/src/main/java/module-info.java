/**
 * CRI v1 as generated messages and gRPC stubs, with the routing facts of each rpc and field. The
 * stubs alone need the gRPC modules.
 */
module io.crirouter.proto {
  requires transitive com.google.protobuf;
  requires static com.google.common;
  requires static io.grpc;
  requires static io.grpc.protobuf;
  requires static io.grpc.stub;

  exports io.crirouter.proto.routing;
  exports io.crirouter.proto.v1;
}
