package io.crirouter.grpc;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.grpc.Metadata;
import io.grpc.Status;

/** Between gRPC's statuses and ours. */
final class Statuses {
  private Statuses() {}

  /** A status, with its trailers, that a runtime has answered. */
  static RpcStatus answered(Status status, Metadata trailers) {
    return RpcStatus.fromRuntime(codeOf(status), messageOf(status), Headers.fromGrpc(trailers));
  }

  /** {@code status} for gRPC, without its trailers. */
  static Status toGrpc(RpcStatus status) {
    Status result = Status.fromCodeValue(status.code().number());
    return status.message().isEmpty() ? result : result.withDescription(status.message());
  }

  static Code codeOf(Status status) {
    return Code.of(status.getCode().value());
  }

  static String messageOf(Status status) {
    String description = status.getDescription();
    return description == null ? "" : description;
  }
}
