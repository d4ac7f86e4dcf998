/** A program of named modules. */
module org.example.node {
  requires io.crirouter.grpc;
  requires io.crirouter.proto;
}
