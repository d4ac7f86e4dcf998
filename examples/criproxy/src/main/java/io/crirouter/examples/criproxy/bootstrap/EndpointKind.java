package io.crirouter.examples.criproxy.bootstrap;

/** The two endpoints of a kubelet. That for images is by default that of the runtime. */
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

  /** The flag of the kubelet. */
  String flag() {
    return flag;
  }

  /** The key in configuration files of the kubelet. */
  String key() {
    return key;
  }

  /** The key in configuration files of K3s and RKE2. */
  String k3sKey() {
    return k3sKey;
  }
}
