package io.crirouter.testkit.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.e2e.CriCall.Names;
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
 * The router passes on the responses of the runtime, including unknown fields, and errors with
 * their code, message and trailers.
 */
@ParameterizedClass
@EnumSource(ContainerdLine.class)
class TransparencyE2eTest extends WithSharedPair {
  /** Calls about the node as a whole, which the primary answers. */
  static List<CriCall> nodeCalls() {
    return List.of(
        new CriCall("Version", ""),
        new CriCall("RuntimeConfig", ""),
        new CriCall("UpdateRuntimeConfig", "runtime_config { network_config { pod_cidr: '' } }"),
        new CriCall("ListMetricDescriptors", ""));
  }

  /** Calls about existing objects of a runtime. */
  static List<CriCall> successfulCalls() {
    return List.of(
        new CriCall("PodSandboxStatus", "pod_sandbox_id: 'POD'"),
        new CriCall("PodSandboxStatus", "pod_sandbox_id: 'POD' verbose: true"),
        new CriCall("ContainerStatus", "container_id: 'CONTAINER'"),
        new CriCall("ContainerStatus", "container_id: 'CONTAINER' verbose: true"),
        new CriCall("ContainerStats", "container_id: 'CONTAINER'"),
        new CriCall("PodSandboxStats", "pod_sandbox_id: 'POD'"),
        new CriCall("ListPodSandbox", "filter { id: 'POD' }"),
        new CriCall("ListContainers", "filter { pod_sandbox_id: 'POD' }"),
        new CriCall("ListContainerStats", "filter { id: 'CONTAINER' }"),
        new CriCall("ListPodSandboxStats", "filter { id: 'POD' }"),
        new CriCall("ImageStatus", "image { image: 'IMAGE/busybox:1' }"),
        new CriCall("ImageStatus", "image { image: 'IMAGE/busybox:1' } verbose: true"),
        new CriCall("ImageStatus", "image { image: 'IMAGE/absent:1' } verbose: true"),
        new CriCall("RemoveImage", "image { image: 'IMAGE/absent:1' }"),
        new CriCall("ExecSync", "container_id: 'CONTAINER' cmd: 'cat' cmd: '/etc/passwd'"),
        new CriCall("ReopenContainerLog", "container_id: 'CONTAINER'"));
  }

  /** Calls that a runtime refuses, or treats as done. */
  static List<CriCall> failingCalls() {
    return List.of(
        new CriCall("PodSandboxStatus", "pod_sandbox_id: 'NOTHING'"),
        new CriCall("PodSandboxStats", "pod_sandbox_id: 'NOTHING'"),
        new CriCall("StopPodSandbox", "pod_sandbox_id: 'NOTHING'"),
        new CriCall("RemovePodSandbox", "pod_sandbox_id: 'NOTHING'"),
        new CriCall("UpdatePodSandboxResources", "pod_sandbox_id: 'NOTHING'"),
        new CriCall("PortForward", "pod_sandbox_id: 'NOTHING' port: 80"),
        new CriCall("CreateContainer", "pod_sandbox_id: 'NOTHING'"),
        new CriCall("ContainerStatus", "container_id: 'NOTHING'"),
        new CriCall("ContainerStats", "container_id: 'NOTHING'"),
        new CriCall("StartContainer", "container_id: 'NOTHING'"),
        new CriCall("StopContainer", "container_id: 'NOTHING'"),
        new CriCall("RemoveContainer", "container_id: 'NOTHING'"),
        new CriCall("ReopenContainerLog", "container_id: 'NOTHING'"),
        new CriCall("UpdateContainerResources", "container_id: 'NOTHING' linux { cpu_shares: 2 }"),
        new CriCall("CheckpointContainer", "container_id: 'NOTHING' location: '/nowhere/file'"),
        new CriCall("ExecSync", "container_id: 'NOTHING' cmd: 'true'"),
        new CriCall("Exec", "container_id: 'NOTHING' cmd: 'true' stdout: true"),
        new CriCall("Attach", "container_id: 'NOTHING' stdout: true"),
        new CriCall("Exec", "container_id: 'CONTAINER' cmd: 'true'"),
        new CriCall("Exec", "container_id: 'CONTAINER' cmd: 'true' tty: true stderr: true"),
        new CriCall("Attach", "container_id: 'CONTAINER'"),
        new CriCall("StartContainer", "container_id: 'CONTAINER'"),
        new CriCall("CreateContainer", "pod_sandbox_id: 'POD'"),
        new CriCall(
            "CreateContainer",
            "pod_sandbox_id: 'POD'"
                + " config { metadata { name: 'x' } image { image: 'IMAGE/absent:1' } }"
                + " sandbox_config { metadata { name: 'x' } }"),
        new CriCall("PullImage", "image { image: 'IMAGE/absent:1' }"),
        new CriCall("PullImage", "image { image: 'IMAGE/???' }"));
  }

  static Stream<Arguments> successfulOnBoth() {
    return ofBothSides(successfulCalls());
  }

  static Stream<Arguments> failingOnBoth() {
    return ofBothSides(failingCalls());
  }

  private static Stream<Arguments> ofBothSides(List<CriCall> calls) {
    return Stream.of(Side.values())
        .flatMap(side -> calls.stream().map(call -> Arguments.of(side, call)));
  }

  @ParameterizedTest
  @MethodSource("nodeCalls")
  void nodeCallsAreAnsweredByThePrimary(CriCall call) {
    assertThat(call.execute(proxy(), Names.forClients(pod(Side.PRIMARY))))
        .isEqualTo(direct(Side.PRIMARY, call));
  }

  @ParameterizedTest
  @MethodSource("successfulOnBoth")
  void responsesDifferFromTheOwnerOnlyInNames(Side side, CriCall call) {
    Outcome direct = direct(side, call).withoutVolatileFields();
    Outcome proxied = call.execute(proxy(), Names.forClients(pod(side))).withoutVolatileFields();

    assertThat(direct.code()).isEqualTo(Status.Code.OK);
    assertThat(proxied.withRuntimeNames(side)).isEqualTo(direct);
  }

  @ParameterizedTest
  @MethodSource("failingOnBoth")
  void errorsAreThoseOfTheOwner(Side side, CriCall call) {
    Outcome direct = direct(side, call);
    Outcome proxied = call.execute(proxy(), Names.forClients(pod(side)));

    assertThat(proxied).isEqualTo(direct);
  }

  /** If the streamed lists fail, a kubelet falls back to the unary lists. */
  @Test
  void streamedListsEndAsAtThePrimary() {
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
  void theCallsCoverTheStatusCodesThatKubeletsDistinguish() {
    Set<Status.Code> seen =
        Stream.concat(
                nodeCalls().stream().map(call -> Arguments.of(Side.PRIMARY, call)), failingOnBoth())
            .map(Arguments::get)
            .map(pair -> direct((Side) pair[0], (CriCall) pair[1]).code())
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

  private Outcome direct(Side side, CriCall call) {
    return call.execute(direct(side), Names.forRuntime(pod(side)));
  }
}
