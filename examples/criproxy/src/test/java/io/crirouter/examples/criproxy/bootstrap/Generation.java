package io.crirouter.examples.criproxy.bootstrap;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/**
 * The files that the kubelet of a node has, as each generation of kubeadm leaves them. The
 * resources were written by {@code kubeadm init phase kubelet-start} of 1.20.2 and 1.36.2.
 */
enum Generation {
  /** Before 1.24: the endpoint may be a bare path. */
  KUBEADM_1_20("v1.20.2") {
    @Override
    void write(FakeNode node) throws IOException {
      node.put(FakeKubelet.CONFIG, resource("kubeadm-1.20/config.yaml"))
          .put(FakeKubelet.FLAGS, resource("kubeadm-1.20/kubeadm-flags.env"));
    }
  },
  KUBEADM_1_33("v1.33.4") {
    @Override
    void write(FakeNode node) throws IOException {
      node.put(FakeKubelet.CONFIG, config("containerRuntimeEndpoint: \"\"\n"))
          .put(FakeKubelet.FLAGS, FLAGS_1_33);
    }
  },
  /** The endpoint is in both files, and no flag is left. */
  KUBEADM_1_36("v1.36.2") {
    @Override
    void write(FakeNode node) throws IOException {
      node.put(FakeKubelet.CONFIG, config(ENDPOINT_LINE))
          .put(FakeKubelet.INSTANCE, resource("kubeadm-1.36/instance-config.yaml"))
          .put(FakeKubelet.FLAGS, resource("kubeadm-1.36/kubeadm-flags.env"));
    }
  },
  /** Upgraded by kubeadm 1.36, with a flag that was left or put there. */
  KUBEADM_1_36_WITH_FLAG("v1.36.2") {
    @Override
    void write(FakeNode node) throws IOException {
      KUBEADM_1_36.write(node);
      node.put(FakeKubelet.FLAGS, FLAGS_1_33);
    }
  },
  /** No endpoint is configured. */
  KUBEADM_WITHOUT_ENDPOINT("v1.33.4") {
    @Override
    void write(FakeNode node) throws IOException {
      node.put(FakeKubelet.CONFIG, config(""))
          .put(FakeKubelet.FLAGS, "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=pause:3\"\n");
    }
  },
  /** The operator's flag in the file that kubeadm leaves to operators. */
  FLAG_OF_OPERATOR("v1.30.1") {
    @Override
    void write(FakeNode node) throws IOException {
      node.put(FakeKubelet.CONFIG, config(""))
          .put(FakeKubelet.FLAGS, FLAGS_1_33)
          .put(
              FakeKubelet.EXTRA,
              "# mine\nKUBELET_EXTRA_ARGS=\"--v=2 --container-runtime-endpoint="
                  + ENDPOINT
                  + "\"\n");
    }
  },
  DROP_IN("v1.34.0") {
    @Override
    void write(FakeNode node) throws IOException {
      node.put(FakeKubelet.CONFIG, config("containerRuntimeEndpoint: unix:///run/other.sock\n"))
          .put(FakeKubelet.DROP_INS + "/10-a.conf", dropIn("unix:///run/another.sock"))
          .put(FakeKubelet.DROP_INS + "/20-b.conf", dropIn(ENDPOINT))
          .put(FakeKubelet.DROP_INS + "/30-c.yaml", dropIn("unix:///run/not-read.sock"));
      node.kubelet().flags("--config-dir=" + FakeKubelet.DROP_INS);
    }
  },
  /** The image endpoint is set explicitly, to the same socket. */
  BOTH_ENDPOINTS("v1.36.2") {
    @Override
    void write(FakeNode node) throws IOException {
      KUBEADM_1_36.write(node);
      node.put(
          FakeKubelet.INSTANCE,
          "# of this node\ncontainerRuntimeEndpoint: '"
              + ENDPOINT
              + "' # the runtime\nimageServiceEndpoint: /run/containerd/containerd.sock\n");
      node.put(
          FakeKubelet.CONFIG,
          config(
              "containerRuntimeEndpoint: "
                  + ENDPOINT
                  + "\nimageServiceEndpoint: "
                  + ENDPOINT
                  + "\n"));
    }
  },
  /** The same by flags. */
  BOTH_FLAGS("v1.33.4") {
    @Override
    void write(FakeNode node) throws IOException {
      node.put(FakeKubelet.CONFIG, config(""))
          .put(FakeKubelet.FLAGS, FLAGS_1_33)
          .put(FakeKubelet.EXTRA, "KUBELET_EXTRA_ARGS=\"" + IMAGE_FLAG + "\"\n");
    }
  },
  /** A flag for images only, which kubeadm leaves where it is. */
  KUBEADM_1_36_WITH_IMAGE_FLAG("v1.36.2") {
    @Override
    void write(FakeNode node) throws IOException {
      KUBEADM_1_36.write(node);
      node.put(FakeKubelet.FLAGS, "KUBELET_KUBEADM_ARGS=\"" + IMAGE_FLAG + "\"\n");
    }
  };

  static final String ENDPOINT = "unix:///run/containerd/containerd.sock";

  private static final String ENDPOINT_LINE = "containerRuntimeEndpoint: " + ENDPOINT + "\n";

  private static final String IMAGE_FLAG = "--image-service-endpoint=" + ENDPOINT;

  private static final String FLAGS_1_33 =
      "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd/containerd.sock"
          + " --pod-infra-container-image=registry.k8s.io/pause:3.10\"\n";

  private final String version;

  Generation(String version) {
    this.version = version;
  }

  abstract void write(FakeNode node) throws IOException;

  /** Creates a node whose kubelet runs with these files. */
  FakeNode node(Path root) throws IOException {
    FakeNode node = FakeNode.create(root);
    write(node);
    node.kubelet().version(version).start();
    return node;
  }

  /** That of kubeadm 1.36 with these endpoints, and with a comment of an operator. */
  private static String config(String endpoints) throws IOException {
    return resource("kubeadm-1.36/config.yaml")
        .replace(ENDPOINT_LINE, endpoints)
        .replace("crashLoop", "# a comment of the operator\ncrashLoop");
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream = Generation.class.getResourceAsStream(name)) {
      return new String(stream.readAllBytes(), UTF_8);
    }
  }

  private static String dropIn(String endpoint) {
    return "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n"
        + "containerRuntimeEndpoint: "
        + endpoint
        + "\n";
  }
}
