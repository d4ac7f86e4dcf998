package io.crirouter.testkit.assertj;

import io.crirouter.core.RpcStatus;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.testkit.CallJournal;
import io.grpc.StatusRuntimeException;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/**
 * Entry points of assertions about CRI calls, for static imports beside those of AssertJ.
 *
 * <pre>{@code
 * assertThat(runtime.journal()).receivedInOrder("RunPodSandbox", "CreateContainer");
 * assertThatFailureOf(() -> status(pod)).hasCode(Code.UNAVAILABLE).hasDescriptionContaining("vm");
 * assertThatPods(runtime.pods()).areNamed("web", "db");
 * }</pre>
 */
public final class CriAssertions {
  private CriAssertions() {}

  /** Assertions about the calls in a journal. */
  public static CallJournalAssert assertThat(CallJournal journal) {
    return new CallJournalAssert(journal);
  }

  /** Assertions about the status of a call to a backend. */
  public static RpcStatusAssert assertThat(RpcStatus status) {
    return new RpcStatusAssert(status);
  }

  /** Assertions about the failure of a call at a gRPC client. */
  public static StatusExceptionAssert assertThat(StatusRuntimeException failure) {
    return new StatusExceptionAssert(failure);
  }

  /**
   * Runs {@code call} and returns assertions about its failure at a gRPC client.
   *
   * @throws AssertionError if it does not fail, or with another kind of exception
   */
  public static StatusExceptionAssert assertThatFailureOf(ThrowingCallable call) {
    Throwable failure = Assertions.catchThrowable(call);
    Assertions.assertThat(failure).isInstanceOf(StatusRuntimeException.class);
    return assertThat((StatusRuntimeException) failure);
  }

  /** Assertions about pod sandboxes, of {@code FakeRuntime.pods()} or of a list. */
  public static PodSandboxesAssert assertThatPods(List<PodSandbox> pods) {
    return new PodSandboxesAssert(pods);
  }

  /** Assertions about containers, of {@code FakeRuntime.containers()} or of a list. */
  public static ContainersAssert assertThatContainers(List<Container> containers) {
    return new ContainersAssert(containers);
  }
}
