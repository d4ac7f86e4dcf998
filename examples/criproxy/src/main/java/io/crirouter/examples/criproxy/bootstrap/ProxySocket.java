package io.crirouter.examples.criproxy.bootstrap;

/** Where the proxy listens. */
final class ProxySocket {
  static final String FOLDER = "/run/criproxy";
  private static final String CRI_O_SUFFIX = "run/crio/crio.sock";

  private ProxySocket() {}

  /**
   * The proxy's endpoint in front of {@code primary}. A kubelet knows CRI-O by how its endpoint
   * ends, and takes the stats of pods from the runtime then.
   */
  static Endpoint before(Endpoint primary) {
    return new Endpoint(
        FOLDER + "/" + (primary.socket().endsWith(CRI_O_SUFFIX) ? CRI_O_SUFFIX : "criproxy.sock"));
  }

  /** The runtime directories of the unit that make the socket's folder. */
  static String runtimeDirectory(Endpoint proxy) {
    String folder = proxy.socket().substring(0, proxy.socket().lastIndexOf('/'));
    return folder.substring("/run/".length());
  }
}
