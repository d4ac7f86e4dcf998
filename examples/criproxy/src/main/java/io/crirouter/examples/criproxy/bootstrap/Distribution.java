package io.crirouter.examples.criproxy.bootstrap;

/** The kinds of kubelet installations. They differ in where the endpoint is configured. */
enum Distribution {
  /** kubeadm, also on the nodes of kind. */
  KUBEADM("kubeadm"),
  /** A unit and files of the operator. */
  PLAIN("plain kubelet"),
  /** K3s, which contains the kubelet in its own process. */
  K3S("K3s"),
  /** RKE2, which starts the kubelet as a child process. */
  RKE2("RKE2");

  private final String title;

  Distribution(String title) {
    this.title = title;
  }

  /** Whether its configuration files are those of K3s. */
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
