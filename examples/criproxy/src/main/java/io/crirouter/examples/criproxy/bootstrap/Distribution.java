package io.crirouter.examples.criproxy.bootstrap;

/** What starts a kubelet, and so where its endpoint is written. */
enum Distribution {
  /** kubeadm, also on the nodes of kind. */
  KUBEADM("kubeadm"),
  /** A unit and files that somebody wrote. */
  PLAIN("plain kubelet"),
  /** K3s, whose kubelet is no process of its own. */
  K3S("K3s"),
  /** RKE2, whose kubelet is a child of its own. */
  RKE2("RKE2");

  private final String title;

  Distribution(String title) {
    this.title = title;
  }

  /** Whether it has configuration files as K3s has. */
  boolean isLikeK3s() {
    return this == K3S || this == RKE2;
  }

  /** The folder of its configuration. */
  String k3sFolder() {
    return this == RKE2 ? "/etc/rancher/rke2" : "/etc/rancher/k3s";
  }

  @Override
  public String toString() {
    return title;
  }
}
