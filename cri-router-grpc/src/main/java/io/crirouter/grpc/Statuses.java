package io.crirouter.grpc;

import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.grpc.Metadata;
import io.grpc.Status;

/** Converts statuses between gRPC and the router. */
final class Statuses {
  private Statuses() {}

  /** The status with which a runtime ended a call, with its trailers. */
  static RpcStatus fromRuntime(Status status, Metadata trailers) {
    return RpcStatus.fromRuntime(codeOf(status), messageOf(status), Headers.fromGrpc(trailers));
  }

  /** Converts {@code status} without its trailers. */
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
