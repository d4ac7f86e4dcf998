package io.crirouter.examples.criproxy.bootstrap;

/** What a step of an installation does. Undone in the reverse order. */
enum StepKind {
  COPY_PROGRAM("copy the program"),
  SWITCH_PROGRAM("try the program and switch to it"),
  /** Undone after the files of the proxy are. */
  PROXY_BACK("remember whether the proxy ran before"),
  /** The same for an upgrade. */
  HAND_BACK("remember that the proxy before runs"),
  WRITE_FILE("write"),
  RELOAD_UNITS("let systemd read its units"),
  START_PROXY("start the proxy"),
  HAND_OVER("let the proxy hand over to the new program"),
  COMPARE_LISTS("compare the lists of the primary with those of the proxy"),
  REMEMBER_PODS("remember what runs"),
  ARM_REVERT("start the timer that reverts this"),
  /** Undone after the files of the kubelet are. */
  KUBELET_BACK("remember how the kubelet runs"),
  WRITE_ENDPOINT("let the kubelet find the proxy in"),
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
