package io.crirouter.examples.criproxy.bootstrap;

/** The kinds of steps of an installation, which are undone in reverse order. Saved by name. */
enum StepKind {
  COPY_PROGRAM("copy the program"),
  SWITCH_PROGRAM("try the program and switch to it"),
  /** Undo restores the former proxy, after its files are restored. */
  PROXY_BACK("record whether the proxy runs"),
  /** Undo restarts the former program after an upgrade. */
  HAND_BACK("record the running program"),
  WRITE_FILE("write"),
  RELOAD_UNITS("reload the units of systemd"),
  START_PROXY("start the proxy"),
  HAND_OVER("hand over to the new program"),
  COMPARE_LISTS("compare the lists of the primary with those of the proxy"),
  REMEMBER_PODS("record the running pods"),
  ARM_REVERT("start the timer that reverts this"),
  /** Undo restarts the kubelet, after its files are restored. */
  KUBELET_BACK("record the state of the kubelet"),
  WRITE_ENDPOINT("set the kubelet's endpoint in"),
  RESTART_KUBELET("restart the kubelet"),
  WATCH_KUBELET("watch the kubelet and its pods");

  private final String title;

  StepKind(String title) {
    this.title = title;
  }

  @Override
  public String toString() {
    return title;
  }
}
