package io.crirouter.examples.criproxy.bootstrap;

/** The listen socket of an installed proxy. */
final class ProxySocket {
  static final String FOLDER = "/run/criproxy";
  private static final String CRI_O_SUFFIX = "run/crio/crio.sock";

  private ProxySocket() {}

  /**
   * The proxy's endpoint in front of {@code primary}. It ends like that of CRI-O if the primary is
   * CRI-O, because a kubelet recognizes CRI-O by this suffix, and then gets pod stats from it.
   */
  static Endpoint before(Endpoint primary) {
    return new Endpoint(
        FOLDER + "/" + (primary.socket().endsWith(CRI_O_SUFFIX) ? CRI_O_SUFFIX : "criproxy.sock"));
  }

  /** The RuntimeDirectory of the unit that creates the socket's folder. */
  static String runtimeDirectory(Endpoint proxy) {
    String folder = proxy.socket().substring(0, proxy.socket().lastIndexOf('/'));
    return folder.substring("/run/".length());
  }
}
