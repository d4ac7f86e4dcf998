/** A program on the module path. */
module org.example.node {
  requires io.crirouter.grpc;
  requires io.crirouter.proto;
}
