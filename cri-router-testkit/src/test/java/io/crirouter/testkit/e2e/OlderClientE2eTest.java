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

/** A client that speaks v1alpha2, as kubelets did up to 1.22. */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class OlderClientE2eTest extends OnRoutedPair {

  /** Also in front of containerd 2.x, which itself no longer serves such a client. */
  @ParameterizedTest
  @EnumSource
  void podOfAnOldKubeletRunsAtEitherRuntime(Side side) {
    CriClient old = proxy().speaking("v1alpha2");
    KubeletPod pod = KubeletPod.run(old, side, PodSpecs.pod(pair(), side, "old"), "");

    String container = pod.start(PodSpecs.talker("main", "hello"));

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
  void oldClientSeesTheSameImages() {
    assertThat(pod(Side.PRIMARY).container()).isNotEmpty();
    ListImagesRequest all = ListImagesRequest.getDefaultInstance();

    assertThat(proxy().speaking("v1alpha2").images().listImages(all).getImagesList())
        .isNotEmpty()
        .extracting(Image::getId)
        .containsExactlyInAnyOrderElementsOf(
            proxy().images().listImages(all).getImagesList().stream().map(Image::getId).toList());
  }

  @Test
  void oldClientMeetsTheErrorsOfTheRuntime() {
    for (Side side : Side.values()) {
      Question question = new Question("ContainerStatus", "container_id: 'NOTHING'");

      Outcome proxied =
          question.ask(proxy().speaking("v1alpha2"), Question.Names.inFront(pod(side)));

      assertThat(proxied.code()).isEqualTo(Status.Code.NOT_FOUND);
      assertThat(proxied).isEqualTo(question.ask(direct(side), Question.Names.behind(pod(side))));
    }
  }

  static Stream<Arguments> questions() {
    return Stream.concat(
        SharedRpcs.aboutTheNode().stream().map(question -> Arguments.of(Side.PRIMARY, question)),
        Stream.of(Side.values())
            .flatMap(
                side ->
                    SharedRpcs.aboutARuntime().stream()
                        .map(question -> Arguments.of(side, question))));
  }

  @ParameterizedTest
  @MethodSource("questions")
  void oldClientIsAnsweredAsANewOneIs(Side side, Question question) {
    Question.Names names = Question.Names.inFront(pod(side));

    Outcome old = question.ask(proxy().speaking("v1alpha2"), names);

    assertThat(old.withoutFigures()).isEqualTo(question.ask(proxy(), names).withoutFigures());
  }

  @Test
  void noRpcThatAnOldKubeletKnowsIsLeftOut() {
    assertThat(questions().map(Arguments::get).map(asked -> ((Question) asked[1]).rpc()))
        .containsAll(SharedRpcs.NAMES);
  }
}
