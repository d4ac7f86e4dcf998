package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.Node.CONTAINERD;
import static io.crirouter.testkit.router.Node.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.MessageLite;
import io.crirouter.core.BackendName;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The limits of requests: pod metadata and image names. */
class RequestLimitsTest {
  private static final int LIMIT = 2 << 20;

  private final Node node = Node.create();

  private RpcStatus call(String rpc, MessageLite request) {
    return RawCall.start(node.router, rpc, request.toByteString()).status();
  }

  private static PodSandboxConfig.Builder pod(BackendName runtime, int bytes) {
    return Pods.on(runtime, "web").putAnnotations("long", "x".repeat(bytes));
  }

  static Stream<Arguments> placements() {
    return Stream.of(CONTAINERD, VIRTLET)
        .flatMap(
            runtime ->
                Stream.of(
                    Arguments.of(
                        "RunPodSandbox",
                        RunPodSandboxRequest.newBuilder().setConfig(pod(runtime, LIMIT)).build(),
                        "pod default/web"),
                    Arguments.of(
                        "RunPodSandbox",
                        RunPodSandboxRequest.newBuilder()
                            .setConfig(Pods.on(runtime, "web").putLabels("l", "x".repeat(LIMIT)))
                            .build(),
                        "pod default/web"),
                    Arguments.of(
                        "RestorePod",
                        RestorePodRequest.newBuilder().setConfig(pod(runtime, LIMIT)).build(),
                        "pod default/web"),
                    Arguments.of(
                        "PullImage",
                        PullImageRequest.newBuilder()
                            .setImage(ImageCalls.of(pod(runtime, LIMIT), "busybox"))
                            .build(),
                        "the pod that uses image busybox"),
                    Arguments.of(
                        "PullImage",
                        PullImageRequest.newBuilder()
                            .setImage(ImageCalls.bare("busybox"))
                            .setSandboxConfig(pod(runtime, LIMIT))
                            .build(),
                        "pod default/web"),
                    Arguments.of(
                        "ImageStatus",
                        ImageStatusRequest.newBuilder()
                            .setImage(ImageCalls.of(pod(runtime, LIMIT), "busybox"))
                            .build(),
                        "the pod that uses image busybox")));
  }

  @ParameterizedTest
  @MethodSource("placements")
  void tooMuchPodMetadataIsRefused(String rpc, MessageLite request, String subject) {
    RpcStatus end = call(rpc, request);

    assertThat(end.code()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    assertThat(end.message()).contains(subject, "2097152");
    assertThat(node.containerd.journal().callsOf(rpc)).isEmpty();
    assertThat(node.virtlet.journal().callsOf(rpc)).isEmpty();
  }

  static Stream<BackendName> runtimes() {
    return Stream.of(CONTAINERD, VIRTLET);
  }

  @ParameterizedTest
  @MethodSource("runtimes")
  void podMetadataOfTheLimitPasses(BackendName runtime) {
    PodSandboxConfig.Builder config = pod(runtime, LIMIT - 1024);

    String id = node.run(config);

    assertThat(node.podStatus(id).getAnnotationsMap()).isEqualTo(config.getAnnotationsMap());
  }

  static Stream<Arguments> imageCalls() {
    ImageSpec tooLong = ImageCalls.bare("registry.example/" + "x".repeat(4096));
    ImageSpec ofPod = ImageCalls.of(Pods.on(VIRTLET, "web"), tooLong.getImage());
    return Stream.of(tooLong, ofPod)
        .flatMap(
            spec ->
                Stream.of(
                    Arguments.of(
                        "ImageStatus", ImageStatusRequest.newBuilder().setImage(spec).build()),
                    Arguments.of("PullImage", PullImageRequest.newBuilder().setImage(spec).build()),
                    Arguments.of(
                        "RemoveImage", RemoveImageRequest.newBuilder().setImage(spec).build())));
  }

  @ParameterizedTest
  @MethodSource("imageCalls")
  void anImageNameAboveFourKibibytesIsRefused(String rpc, MessageLite request) {
    RpcStatus end = call(rpc, request);

    assertThat(end.code()).isEqualTo(Code.INVALID_ARGUMENT);
    assertThat(end.message()).contains("registry.example/xxx", "4113", "4096");
    assertThat(ByteString.copyFromUtf8(end.message()).size()).isLessThan(1024);
    assertThat(node.containerd.journal().calls()).isEmpty();
    assertThat(node.virtlet.journal().calls()).isEmpty();
  }
}
