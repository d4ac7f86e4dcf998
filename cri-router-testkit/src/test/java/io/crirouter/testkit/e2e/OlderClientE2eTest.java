package io.crirouter.testkit.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import io.crirouter.proto.v1.Image;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.grpc.Status;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** A client with v1alpha2, as kubelets up to 1.22. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class OlderClientE2eTest extends WithSharedPair {

  /** Also in front of containerd 2.x, which itself does not serve v1alpha2. */
  @ParameterizedTest
  @EnumSource
  void aPodOfAnOldKubeletRunsOnEachRuntime(Side side) {
    CriClient old = proxy().speaking("v1alpha2");
    KubeletPod pod = KubeletPod.run(old, side, PodSpecs.pod(pair(), side, "old"), "");

    String container = pod.start(PodSpecs.printing("main", "hello"));

    assertThat(container).matches(side::isIdForClients);
    assertThat(pod.status(container).getStatus().getState())
        .isEqualTo(ContainerState.CONTAINER_RUNNING);
    assertThat(pod.exec(container, "sh", "-c", "echo $SAID_BY").getStdout().toString(UTF_8))
        .isEqualTo("kubelet\n");
    assertThat(containers(old))
        .extracting(Container::getId)
        .contains(container)
        .containsExactlyInAnyOrderElementsOf(
            containers(proxy()).stream().map(Container::getId).toList());
    pod.delete();
  }

  private static List<Container> containers(CriClient client) {
    return client
        .runtime()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList();
  }

  @Test
  void anOldClientGetsTheSameImages() {
    assertThat(pod(Side.PRIMARY).container()).isNotEmpty();
    ListImagesRequest all = ListImagesRequest.getDefaultInstance();

    assertThat(proxy().speaking("v1alpha2").images().listImages(all).getImagesList())
        .isNotEmpty()
        .extracting(Image::getId)
        .containsExactlyInAnyOrderElementsOf(
            proxy().images().listImages(all).getImagesList().stream().map(Image::getId).toList());
  }

  @Test
  void anOldClientGetsTheErrorsOfTheRuntime() {
    for (Side side : Side.values()) {
      CriCall call = new CriCall("ContainerStatus", "container_id: 'NOTHING'");

      Outcome proxied =
          call.execute(proxy().speaking("v1alpha2"), CriCall.Names.forClients(pod(side)));

      assertThat(proxied.code()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(proxied)
          .isEqualTo(call.execute(direct(side), CriCall.Names.forRuntime(pod(side))));
    }
  }

  static Stream<Arguments> calls() {
    return Stream.concat(
        SharedRpcs.nodeCalls().stream().map(call -> Arguments.of(Side.PRIMARY, call)),
        Stream.of(Side.values())
            .flatMap(
                side -> SharedRpcs.runtimeCalls().stream().map(call -> Arguments.of(side, call))));
  }

  @ParameterizedTest
  @MethodSource("calls")
  void anOldClientGetsTheSameResponsesAsANewOne(Side side, CriCall call) {
    CriCall.Names names = CriCall.Names.forClients(pod(side));

    Outcome old = call.execute(proxy().speaking("v1alpha2"), names);

    assertThat(old.withoutVolatileFields())
        .isEqualTo(call.execute(proxy(), names).withoutVolatileFields());
  }

  @Test
  void allRpcsOfV1alpha2AreTested() {
    assertThat(calls().map(Arguments::get).map(asked -> ((CriCall) asked[1]).rpc()))
        .containsAll(SharedRpcs.NAMES);
  }
}
