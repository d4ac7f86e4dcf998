package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.function.Supplier;

/** Assertions about the status codes of calls. */
final class Expect {
  private Expect() {}

  /** The status code that a call ends with. */
  static Status.Code code(Supplier<?> call) {
    try {
      Object unused = call.get();
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    }
  }

  static void notFound(String what, Supplier<?> call) {
    assertEquals(
        Status.Code.NOT_FOUND,
        code(call),
        () -> what + ": kubelets treat only NOT_FOUND as removed");
  }

  /** Asserts that a call fails with any code except UNIMPLEMENTED. */
  static void refused(String what, Supplier<?> call) {
    Status.Code code = code(call);
    if (code == Status.Code.OK || code == Status.Code.UNIMPLEMENTED) {
      fail(what + " must be refused, but ended with " + code);
    }
  }
}
