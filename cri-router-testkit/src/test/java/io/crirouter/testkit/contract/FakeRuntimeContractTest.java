package io.crirouter.testkit.contract;

import io.crirouter.testkit.FakeRuntime;

/** The fake is a runtime like others, but for what it says it lacks. */
class FakeRuntimeContractTest extends RuntimeContract {
  /** What is missing because nothing runs. */
  static final Feature[] LACKS = {
    Feature.PROCESSES, Feature.LOG_FILES, Feature.STREAM_SERVER, Feature.PULL_ERRORS
  };

  @Override
  protected RuntimeUnderTest runtime() {
    return RuntimeUnderTest.of(FakeRuntime.named("fake").images("busybox").build(), "busybox")
        .imageToRemove("alpine")
        .lacks(LACKS)
        .build();
  }
}
