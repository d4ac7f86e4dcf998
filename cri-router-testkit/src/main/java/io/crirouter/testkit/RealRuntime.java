package io.crirouter.testkit;

/**
 * The runtimes that a {@link FakeRuntime} can stand in for: see {@link FakeRuntimeBuilder#like}.
 * What they answer was recorded from the real ones, as Debian packages them, with their default
 * configuration.
 */
public enum RealRuntime {
  /**
   * containerd 1.6: no events, no RuntimeConfig, no metrics, no handlers in Status. The one of
   * Debian 12.
   */
  CONTAINERD_1_6("containerd-1.6"),

  /** containerd 2.1: the newest whose recording is here. */
  CONTAINERD_2_1("containerd-2.1");

  /** The handler that all of them have, whether their Status lists it or not. */
  static final String HANDLER = "runc";

  private final String recording;

  RealRuntime(String recording) {
    this.recording = recording;
  }

  RuntimeRecording recording() {
    return RuntimeRecording.load(recording);
  }

  /** The name and version, {@code containerd-2.1} say. */
  @Override
  public String toString() {
    return recording;
  }
}
