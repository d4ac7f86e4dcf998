package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.e2e.Question.Names;
import io.grpc.Status;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What comes through the router is what the runtime said, fields that this schema does not know
 * included: answers as well as errors, with their code, message and trailers.
 */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class TransparencyE2eTest extends OnRoutedPair {
  /** About the node as a whole: the primary answers. */
  static List<Question> aboutTheNode() {
    return List.of(
        new Question("Version", ""),
        new Question("RuntimeConfig", ""),
        new Question("UpdateRuntimeConfig", "runtime_config { network_config { pod_cidr: '' } }"),
        new Question("ListMetricDescriptors", ""));
  }

  /** About something that a runtime has. */
  static List<Question> aboutWhatThereIs() {
    return List.of(
        new Question("PodSandboxStatus", "pod_sandbox_id: 'POD'"),
        new Question("PodSandboxStatus", "pod_sandbox_id: 'POD' verbose: true"),
        new Question("ContainerStatus", "container_id: 'CONTAINER'"),
        new Question("ContainerStatus", "container_id: 'CONTAINER' verbose: true"),
        new Question("ContainerStats", "container_id: 'CONTAINER'"),
        new Question("PodSandboxStats", "pod_sandbox_id: 'POD'"),
        new Question("ListPodSandbox", "filter { id: 'POD' }"),
        new Question("ListContainers", "filter { pod_sandbox_id: 'POD' }"),
        new Question("ListContainerStats", "filter { id: 'CONTAINER' }"),
        new Question("ListPodSandboxStats", "filter { id: 'POD' }"),
        new Question("ImageStatus", "image { image: 'IMAGE/busybox:1' }"),
        new Question("ImageStatus", "image { image: 'IMAGE/busybox:1' } verbose: true"),
        new Question("ImageStatus", "image { image: 'IMAGE/absent:1' } verbose: true"),
        new Question("RemoveImage", "image { image: 'IMAGE/absent:1' }"),
        new Question("ExecSync", "container_id: 'CONTAINER' cmd: 'cat' cmd: '/etc/passwd'"),
        new Question("ReopenContainerLog", "container_id: 'CONTAINER'"));
  }

  /** What a runtime refuses, or takes for done. */
  static List<Question> unfounded() {
    return List.of(
        new Question("PodSandboxStatus", "pod_sandbox_id: 'NOTHING'"),
        new Question("PodSandboxStats", "pod_sandbox_id: 'NOTHING'"),
        new Question("StopPodSandbox", "pod_sandbox_id: 'NOTHING'"),
        new Question("RemovePodSandbox", "pod_sandbox_id: 'NOTHING'"),
        new Question("UpdatePodSandboxResources", "pod_sandbox_id: 'NOTHING'"),
        new Question("PortForward", "pod_sandbox_id: 'NOTHING' port: 80"),
        new Question("CreateContainer", "pod_sandbox_id: 'NOTHING'"),
        new Question("ContainerStatus", "container_id: 'NOTHING'"),
        new Question("ContainerStats", "container_id: 'NOTHING'"),
        new Question("StartContainer", "container_id: 'NOTHING'"),
        new Question("StopContainer", "container_id: 'NOTHING'"),
        new Question("RemoveContainer", "container_id: 'NOTHING'"),
        new Question("ReopenContainerLog", "container_id: 'NOTHING'"),
        new Question("UpdateContainerResources", "container_id: 'NOTHING' linux { cpu_shares: 2 }"),
        new Question("CheckpointContainer", "container_id: 'NOTHING' location: '/nowhere/file'"),
        new Question("ExecSync", "container_id: 'NOTHING' cmd: 'true'"),
        new Question("Exec", "container_id: 'NOTHING' cmd: 'true' stdout: true"),
        new Question("Attach", "container_id: 'NOTHING' stdout: true"),
        new Question("Exec", "container_id: 'CONTAINER' cmd: 'true'"),
        new Question("Exec", "container_id: 'CONTAINER' cmd: 'true' tty: true stderr: true"),
        new Question("Attach", "container_id: 'CONTAINER'"),
        new Question("StartContainer", "container_id: 'CONTAINER'"),
        new Question("CreateContainer", "pod_sandbox_id: 'POD'"),
        new Question(
            "CreateContainer",
            "pod_sandbox_id: 'POD'"
                + " config { metadata { name: 'x' } image { image: 'IMAGE/absent:1' } }"
                + " sandbox_config { metadata { name: 'x' } }"),
        new Question("PullImage", "image { image: 'IMAGE/absent:1' }"),
        new Question("PullImage", "image { image: 'IMAGE/???' }"));
  }

  static Stream<Arguments> aboutSomething() {
    return ofBothSides(aboutWhatThereIs());
  }

  static Stream<Arguments> refused() {
    return ofBothSides(unfounded());
  }

  private static Stream<Arguments> ofBothSides(List<Question> questions) {
    return Stream.of(Side.values())
        .flatMap(side -> questions.stream().map(question -> Arguments.of(side, question)));
  }

  @ParameterizedTest
  @MethodSource("aboutTheNode")
  void nodeAnswersAsThePrimaryDoes(Question question) {
    assertThat(question.ask(proxy(), Names.inFront(pod(Side.PRIMARY))))
        .isEqualTo(ask(Side.PRIMARY, question));
  }

  @ParameterizedTest
  @MethodSource("aboutSomething")
  void answerIsTheOwnersButForItsNames(Side side, Question question) {
    Outcome direct = ask(side, question).withoutFigures();
    Outcome proxied = question.ask(proxy(), Names.inFront(pod(side))).withoutFigures();

    assertThat(direct.code()).isEqualTo(Status.Code.OK);
    assertThat(proxied.asSaidAt(side)).isEqualTo(direct);
  }

  @ParameterizedTest
  @MethodSource("refused")
  void errorIsTheOwners(Side side, Question question) {
    Outcome direct = ask(side, question);
    Outcome proxied = question.ask(proxy(), Names.inFront(pod(side)));

    assertThat(proxied).isEqualTo(direct);
  }

  /** If they are refused, a kubelet falls back to the unary lists. */
  @Test
  void streamedListsEndAsThePrimarysDo() {
    Status proxied = endOfStream(proxy());
    Status direct = endOfStream(direct(Side.PRIMARY));

    assertThat(proxied.getCode()).isEqualTo(direct.getCode());
    assertThat(proxied.getDescription()).isEqualTo(direct.getDescription());
  }

  private static Status endOfStream(CriClient client) {
    return client.stream(
            RuntimeServiceGrpc.getStreamPodSandboxesMethod(),
            StreamPodSandboxesRequest.getDefaultInstance())
        .awaitEnd();
  }

  @Test
  void runtimesRefuseInAllTheWaysThatKubeletsTellApart() {
    Set<Status.Code> seen =
        Stream.concat(
                aboutTheNode().stream().map(question -> Arguments.of(Side.PRIMARY, question)),
                refused())
            .map(Arguments::get)
            .map(pair -> ask((Side) pair[0], (Question) pair[1]).code())
            .collect(Collectors.toSet());

    assertThat(seen)
        .contains(
            Status.Code.OK,
            Status.Code.NOT_FOUND,
            Status.Code.INVALID_ARGUMENT,
            Status.Code.UNKNOWN);
    if (line == ContainerdLine.INSTALLED) {
      assertThat(seen).contains(Status.Code.UNIMPLEMENTED);
    }
  }

  private Outcome ask(Side side, Question question) {
    return question.ask(direct(side), Names.behind(pod(side)));
  }
}
