package io.crirouter.testkit.contract;

import io.crirouter.testkit.FakeRuntime;

/** The fake passes the contract except for the features that it lacks. */
class FakeRuntimeContractTest extends RuntimeContract {
  /** The features that need real processes. */
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
