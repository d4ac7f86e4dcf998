package io.crirouter.examples.criproxy.bootstrap;

/**
 * The CRI endpoint of a kubelet, a UNIX socket.
 *
 * @param socket the path of the socket
 */
record Endpoint(String socket) {
  private static final String SCHEME = "unix:";

  /**
   * Parses an endpoint in a form of kubelets: {@code unix:///PATH}, or {@code /PATH} in older ones.
   *
   * @throws RefusedException if it is not a UNIX socket
   */
  static Endpoint parse(String text) throws RefusedException {
    String path = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text;
    path = path.startsWith("///") ? path.substring(2) : path;
    if (!path.startsWith("/") || path.startsWith("//")) {
      throw new RefusedException(
          "the kubelet's runtime endpoint '" + text + "' is not a UNIX socket (unix:///PATH)");
    }
    // On nodes with systemd, /var/run is a symbolic link to /run.
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

  /** The form for kubelets. */
  @Override
  public String toString() {
    return "unix://" + socket;
  }
}
