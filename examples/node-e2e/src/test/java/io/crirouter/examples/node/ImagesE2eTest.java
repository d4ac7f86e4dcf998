package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.testkit.containerd.TestImage;
import org.junit.jupiter.api.Test;

/** What a kubelet does with images. */
class ImagesE2eTest extends OnQuietNodes {
  /** One for each runtime: a second one may find what the first has pulled. */
  private static final Place[] PLACES = {Place.DIRECT, Place.PRIMARY, Place.SPECIAL};

  ImagesE2eTest(Cluster cluster) {
    super(cluster);
  }

  @Test
  void eachPullPolicyMeansThePodsOwnRuntime() {
    cluster.registry().push("policies:1", TestImage.busybox().withLabel("of", "policies"));
    EverywherePods pods = create("absent", "policies:1", "Never");
    pods.await("refused", pod -> pod.state("main").equals("ErrImageNeverPull"));
    pods.assertSameReports();
    pods.withoutCountsOf("ErrImageNeverPull", "Failed");
    // They would run as soon as the image is there.
    pods.delete();
    pods.awaitGone();

    EverywherePods pulled = create("pulled", "policies:1", "IfNotPresent");
    pulled.awaitReady().assertSameReports();
    EverywherePods always = create("always", "policies:1", "Always");
    EverywherePods never = create("never", "policies:1", "Never");
    always.awaitReady().assertSameReports();
    never.awaitReady().assertSameReports();
  }

  @Test
  void anImageThatDoesNotExistIsToldInTheSameWords() {
    EverywherePods pods = create("no-image", "absent:1", "IfNotPresent");
    pods.await("backing off", pod -> pod.state("main").equals("ImagePullBackOff"));
    pods.assertSameReports();
    pods.withoutCountsOf("BackOff", "Failed", "Pulling");
  }

  /** The user is read from an image that is named without a pod. */
  @Test
  void theUserOfAnImageIsThatOfThePodsOwnRuntime() {
    cluster.registry().push("app:1", TestImage.busybox().withUser("1000"));
    String spec =
        """
        securityContext: {runAsNonRoot: true}
        containers:
        - {name: main, image: "registry.test/%s", command: [sleep, "1000"]}
        """;
    EverywherePods allowed = at("user", spec.formatted("app:1"), PLACES);
    EverywherePods refused = at("root", spec.formatted("busybox:1"), PLACES);
    allowed.awaitReady();
    allowed.forEach(pod -> assertThat(pod.exec("main", "id -u").output()).isEqualTo("1000\n"));
    refused.await("refused", pod -> pod.state("main").equals("CreateContainerConfigError"));
    allowed.assertSameReports();
    refused.assertSameReports();
    refused.withoutCountsOf("Failed", "Pulled");
  }

  private EverywherePods create(String name, String image, String policy) {
    String spec =
        """
        containers:
        - {name: main, image: "registry.test/%s", imagePullPolicy: %s, command: [sleep, "1000"]}
        """
            .formatted(image, policy);
    return at(name, spec, PLACES);
  }
}
