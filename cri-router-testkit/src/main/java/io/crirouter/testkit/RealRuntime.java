package io.crirouter.testkit;

/**
 * The runtimes that a {@link FakeRuntime} can imitate: see {@link FakeRuntimeBuilder#like}. Their
 * responses were recorded from the Debian packages with the default configuration.
 */
public enum RealRuntime {
  /**
   * containerd 1.6 of Debian 12: no events, no RuntimeConfig, no metrics, no handlers in Status.
   */
  CONTAINERD_1_6("containerd-1.6"),

  /** containerd 2.1, the newest recorded version. */
  CONTAINERD_2_1("containerd-2.1");

  /** The runtime handler of all these runtimes, whether their Status lists it or not. */
  static final String HANDLER = "runc";

  private final String recording;

  RealRuntime(String recording) {
    this.recording = recording;
  }

  RuntimeRecording recording() {
    return RuntimeRecording.load(recording);
  }

  /** The name and version, for example {@code containerd-2.1}. */
  @Override
  public String toString() {
    return recording;
  }
}
