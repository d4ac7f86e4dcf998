package io.crirouter.core.internal.inventory;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerFilter;
import io.crirouter.proto.v1.ContainerStateValue;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ImageFilter;
import io.crirouter.proto.v1.ImageSpec;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.PodSandbox;
import io.crirouter.proto.v1.PodSandboxFilter;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.StopContainerRequest;
import java.util.List;
import java.util.Random;

/** Random calls to a simulated runtime, and its lists under a filter, naively. */
final class RandomCalls {
  private static final List<String> BY_ID =
      List.of(
          "StartContainer",
          "StopContainer",
          "RemoveContainer",
          "ContainerStatus",
          "StopPodSandbox",
          "RemovePodSandbox",
          "PodSandboxStatus");

  private static final List<Kind> KINDS = List.of(Kind.values());

  private final Random random;
  private final SimulatedRuntime runtime;

  RandomCalls(Random random, SimulatedRuntime runtime) {
    this.random = random;
    this.runtime = runtime;
  }

  /**
   * One call.
   *
   * @param named the id that it names; empty if none
   */
  record Question(MethodSchema method, ByteString request, String named) {
    boolean isList() {
      return Kind.listedBy(method.effect()) != null;
    }
  }

  private static Question question(String rpc, MessageLite request, String named) {
    return new Question(Schema.cri().require(rpc), request.toByteString(), named);
  }

  Question any() {
    return switch (random.nextInt(10)) {
      case 0 -> question("RunPodSandbox", RunPodSandboxRequest.getDefaultInstance(), "");
      case 1 -> {
        String sandbox = id();
        yield question(
            "CreateContainer",
            CreateContainerRequest.newBuilder().setPodSandboxId(sandbox).build(),
            sandbox);
      }
      case 2, 3, 4, 5 -> {
        String id = id();
        // The id has the same field in all of these requests.
        yield question(
            BY_ID.get(random.nextInt(BY_ID.size())),
            StopContainerRequest.newBuilder().setContainerId(id).build(),
            id);
      }
      case 6 -> {
        ImageSpec image = ImageSpec.newBuilder().setImage(imageId()).build();
        yield random.nextBoolean()
            ? question("RemoveImage", ImageStatusRequest.newBuilder().setImage(image).build(), "")
            : question("ImageStatus", ImageStatusRequest.newBuilder().setImage(image).build(), "");
      }
      default -> listOf(kind());
    };
  }

  private Question listOf(Kind kind) {
    MethodSchema unary = Schema.cri().require(kind.listRpc().name());
    MethodSchema method = random.nextInt(3) == 0 ? streamOf(unary) : unary;
    boolean isFiltered = random.nextInt(3) == 0;
    return new Question(method, isFiltered ? filtered(kind) : ByteString.EMPTY, "");
  }

  private static MethodSchema streamOf(MethodSchema unary) {
    return Schema.cri().methods().stream()
        .filter(method -> method.listRpc().equals(unary.name()))
        .findFirst()
        .orElseThrow();
  }

  Kind kind() {
    return KINDS.get(random.nextInt(KINDS.size()));
  }

  /** A question for all there is of a kind. */
  Question all(Kind kind) {
    return question(kind.listRpc().name(), ListContainersRequest.getDefaultInstance(), "");
  }

  /** One that was made at some time, whole or its beginning. */
  String id() {
    String id = runtime.any(runtime.ids).orElse("a");
    return random.nextInt(3) == 0 ? id.substring(0, 1 + random.nextInt(id.length())) : id;
  }

  private String imageId() {
    return "sha256:" + "abc".charAt(random.nextInt(3)) + "0";
  }

  /** A request with a filter that is not empty. */
  ByteString filtered(Kind kind) {
    String id = id();
    String half = id.substring(0, 1);
    boolean byLabel = random.nextBoolean();
    return switch (kind) {
      case POD_SANDBOX -> {
        PodSandboxFilter.Builder filter = PodSandboxFilter.newBuilder();
        PodSandboxFilter any =
            byLabel ? filter.putLabelSelector("half", half).build() : filter.setId(id).build();
        yield ListPodSandboxRequest.newBuilder().setFilter(any).build().toByteString();
      }
      case CONTAINER -> {
        ContainerFilter.Builder filter = ContainerFilter.newBuilder();
        if (byLabel) {
          filter.setState(ContainerStateValue.newBuilder().setStateValue(random.nextInt(3)));
          filter.putLabelSelector("half", half);
        } else {
          filter.setPodSandboxId(id);
        }
        yield ListContainersRequest.newBuilder().setFilter(filter).build().toByteString();
      }
      case IMAGE ->
          ListImagesRequest.newBuilder()
              .setFilter(
                  ImageFilter.newBuilder().setImage(ImageSpec.newBuilder().setImage(imageId())))
              .build()
              .toByteString();
    };
  }

  /** What the runtime answers to a list request. */
  ByteString list(Kind kind, ByteString request) throws InvalidProtocolBufferException {
    return switch (kind) {
      case POD_SANDBOX -> {
        PodSandboxFilter filter = ListPodSandboxRequest.parseFrom(request).getFilter();
        yield ListPodSandboxResponse.newBuilder()
            .addAllItems(runtime.sandboxes.values().stream().filter(s -> has(filter, s)).toList())
            .build()
            .toByteString();
      }
      case CONTAINER -> {
        ContainerFilter filter = ListContainersRequest.parseFrom(request).getFilter();
        yield ListContainersResponse.newBuilder()
            .addAllContainers(
                runtime.containers.values().stream().filter(c -> has(filter, c)).toList())
            .build()
            .toByteString();
      }
      case IMAGE -> {
        String image = ListImagesRequest.parseFrom(request).getFilter().getImage().getImage();
        yield ListImagesResponse.newBuilder()
            .addAllImages(runtime.images.values().stream().filter(i -> has(image, i)).toList())
            .build()
            .toByteString();
      }
    };
  }

  private static boolean has(PodSandboxFilter filter, PodSandbox sandbox) {
    return sandbox.getId().startsWith(filter.getId())
        && sandbox.getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
  }

  private static boolean has(ContainerFilter filter, Container container) {
    return container.getPodSandboxId().startsWith(filter.getPodSandboxId())
        && (!filter.hasState() || filter.getState().getState() == container.getState())
        && container.getLabelsMap().entrySet().containsAll(filter.getLabelSelectorMap().entrySet());
  }

  private static boolean has(String wanted, Image image) {
    return image.getId().startsWith(wanted);
  }
}
