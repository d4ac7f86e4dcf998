package io.crirouter.examples.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerMetadata;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.ContainerStatus;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.Mount;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * The containers of one runtime, similar to those of a kubelet: about a kilobyte each in a list,
 * and the same in every process. They are as the runtime returns them, or as the router's client
 * sees them.
 *
 * @param runtime the runtime's name; each runtime has different containers
 * @param idPrefix the prefix of ids; empty at the runtime
 * @param imagePrefix the prefix of image names; empty at the runtime
 */
public record SampleContainers(String runtime, String idPrefix, String imagePrefix) {
  private static final long CREATED = 1_760_000_000_000_000_000L;

  /** The containers as the runtime returns them. */
  public static SampleContainers of(String runtime) {
    return new SampleContainers(runtime, "", "");
  }

  /** The same containers as a client of the router sees them, if the runtime is a secondary. */
  public SampleContainers behindRouter() {
    String idStart = runtime.substring(0, Math.min(4, runtime.length()));
    return new SampleContainers(runtime, idStart + "__", runtime + "/");
  }

  /** The first {@code count} containers, as the answer to an unfiltered ListContainers. */
  public ListContainersResponse list(int count) {
    ListContainersResponse.Builder list = ListContainersResponse.newBuilder();
    for (int i = 0; i < count; i++) {
      list.addContainers(container(i));
    }
    return list.build();
  }

  /** A container of a list. */
  public Container container(int index) {
    return Container.newBuilder()
        .setId(containerId(index))
        .setPodSandboxId(podSandboxId(index))
        .setMetadata(metadata(index))
        .setImage(image(index))
        .setImageRef(digest("image", index % 40))
        .setState(ContainerState.CONTAINER_RUNNING)
        .setCreatedAt(CREATED + index)
        .putAllLabels(labels(index))
        .putAllAnnotations(annotations(index))
        .setImageId(digest("image", index % 40))
        .build();
  }

  /** The request for {@link #status}. */
  public ByteString statusRequest(int index) {
    return ContainerStatusRequest.newBuilder()
        .setContainerId(containerId(index))
        .build()
        .toByteString();
  }

  /** The answer to ContainerStatus. */
  public ContainerStatusResponse status(int index) {
    return ContainerStatusResponse.newBuilder()
        .setStatus(
            ContainerStatus.newBuilder()
                .setId(containerId(index))
                .setMetadata(metadata(index))
                .setState(ContainerState.CONTAINER_RUNNING)
                .setCreatedAt(CREATED + index)
                .setStartedAt(CREATED + index + 1)
                .setImage(image(index))
                .setImageRef(digest("image", index % 40))
                .putAllLabels(labels(index))
                .putAllAnnotations(annotations(index))
                .addMounts(mount("/etc/hosts", index))
                .addMounts(mount("/dev/termination-log", index))
                .setLogPath(podFolder(index) + "app/0.log")
                .setImageId(digest("image", index % 40)))
        .build();
  }

  private Mount mount(String path, int index) {
    return Mount.newBuilder().setContainerPath(path).setHostPath(podFolder(index) + path).build();
  }

  private String containerId(int index) {
    return idPrefix + sha256("container", index);
  }

  private String podSandboxId(int index) {
    return idPrefix + sha256("pod", index / 2);
  }

  private static ContainerMetadata metadata(int index) {
    return ContainerMetadata.newBuilder().setName("app-" + index % 2).build();
  }

  private ImageSpec image(int index) {
    String name = imagePrefix + "registry.example/team/app-" + index % 40 + ":1.27.3";
    return ImageSpec.newBuilder().setImage(name).setUserSpecifiedImage(name).build();
  }

  private String podFolder(int index) {
    return "/var/lib/kubelet/pods/" + podUid(index) + "/containers/";
  }

  private String podUid(int index) {
    return sha256("uid", index / 2).substring(0, 32);
  }

  private Map<String, String> labels(int index) {
    return new TreeMap<>(
        Map.of(
            "io.kubernetes.container.name", "app-" + index % 2,
            "io.kubernetes.pod.name", "deployment-7d9f6c5b4-" + index / 2,
            "io.kubernetes.pod.namespace", "team-" + index % 7,
            "io.kubernetes.pod.uid", podUid(index)));
  }

  private Map<String, String> annotations(int index) {
    return new TreeMap<>(
        Map.of(
            "io.kubernetes.container.hash", sha256("hash", index).substring(0, 8),
            "io.kubernetes.container.ports",
                "[{\"name\":\"http\",\"containerPort\":8080,\"protocol\":\"TCP\"}]",
            "io.kubernetes.container.restartCount", "0",
            "io.kubernetes.container.terminationMessagePath", "/dev/termination-log",
            "io.kubernetes.container.terminationMessagePolicy", "File",
            "io.kubernetes.pod.terminationGracePeriod", "30"));
  }

  private String digest(String kind, int index) {
    return "sha256:" + sha256(kind, index);
  }

  private String sha256(String kind, int index) {
    try {
      byte[] name = (runtime + ' ' + kind + ' ' + index).getBytes(UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(name));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
