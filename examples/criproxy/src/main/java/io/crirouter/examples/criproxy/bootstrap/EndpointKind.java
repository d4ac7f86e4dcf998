package io.crirouter.examples.criproxy.bootstrap;

/** The two endpoints that a kubelet has. The second is by default the first. */
enum EndpointKind {
  RUNTIME("--container-runtime-endpoint", "containerRuntimeEndpoint", "container-runtime-endpoint"),
  IMAGES("--image-service-endpoint", "imageServiceEndpoint", "image-service-endpoint");

  private final String flag;
  private final String key;
  private final String k3sKey;

  EndpointKind(String flag, String key, String k3sKey) {
    this.flag = flag;
    this.key = key;
    this.k3sKey = k3sKey;
  }

  /** Of the kubelet's command line. */
  String flag() {
    return flag;
  }

  /** Of the kubelet's configuration files. */
  String key() {
    return key;
  }

  /** Of the configuration files of K3s and RKE2. */
  String k3sKey() {
    return k3sKey;
  }
}
