package io.crirouter.examples.criproxy.bootstrap;

/**
 * Where a kubelet finds a runtime.
 *
 * @param socket the path of the socket
 */
record Endpoint(String socket) {
  private static final String SCHEME = "unix:";

  /**
   * Reads an endpoint as kubelets take it: {@code unix:///PATH}, or {@code /PATH} in older ones.
   *
   * @throws RefusedException if it is no UNIX socket
   */
  static Endpoint parse(String text) throws RefusedException {
    String path = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text;
    path = path.startsWith("///") ? path.substring(2) : path;
    if (!path.startsWith("/") || path.startsWith("//")) {
      throw new RefusedException(
          "the kubelet's runtime endpoint '" + text + "' is no UNIX socket (unix:///PATH)");
    }
    // On every node with systemd /var/run is a link to /run.
    return new Endpoint(path.startsWith("/var/run/") ? path.substring("/var".length()) : path);
  }

  /** Whether {@code text} is an endpoint with the same socket. */
  boolean isWrittenAs(String text) {
    try {
      return equals(parse(text));
    } catch (RefusedException e) {
      return false;
    }
  }

  /** As it is written for a kubelet. */
  @Override
  public String toString() {
    return "unix://" + socket;
  }
}
