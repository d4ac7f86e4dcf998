package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.v1.CriServices;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each of the 43 rpcs over real sockets on both sides of the router: its route, the request at the
 * runtime and the response at the client. All fields of all messages are set.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EveryRpcTest {
  /** Rpcs that go to the primary only. */
  private static final Set<String> PRIMARY_ONLY = Set.of("Version", "Status", "RuntimeConfig");

  /** Rpcs that go to all runtimes if they have no filter. */
  private static final Set<String> ALL_RUNTIMES =
      Set.of(
          "UpdateRuntimeConfig",
          "GetContainerEvents",
          "ListMetricDescriptors",
          "ListPodSandboxMetrics",
          "StreamPodSandboxMetrics",
          "ImageFsInfo");

  /** Lists that are merged by concatenation. */
  private static final Set<String> LISTS =
      Set.of(
          "ListPodSandbox",
          "StreamPodSandboxes",
          "ListContainers",
          "StreamContainers",
          "ListContainerStats",
          "StreamContainerStats",
          "ListPodSandboxStats",
          "StreamPodSandboxStats");

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final RecordingRuntime primary = new RecordingRuntime();
  private final RecordingRuntime secondary = new RecordingRuntime();
  private GrpcBackend client;

  @BeforeAll
  void startRouterBetweenTwoRuntimes(@TempDir Path folder) throws IOException {
    for (MethodDescriptor rpc : rpcs().toList()) {
      primary.answer(rpc.getName(), bytes(SampleMessages.ofPrimary(true), rpc.getOutputType()));
      secondary.answer(rpc.getName(), bytes(SampleMessages.ofSecondary(true), rpc.getOutputType()));
    }
    EventLoops loops = keep(EventLoops.create());
    keep(CriServer.builder(primary).socket(folder.resolve("a")).eventLoops(loops).start());
    keep(CriServer.builder(secondary).socket(folder.resolve("b")).eventLoops(loops).start());
    GrpcBackend toPrimary =
        keep(GrpcBackend.builder(folder.resolve("a")).eventLoops(loops).build());
    GrpcBackend toSecondary =
        keep(GrpcBackend.builder(folder.resolve("b")).eventLoops(loops).build());
    CriRouter router =
        keep(
            CriRouter.builder()
                .scheduler(loops.scheduler())
                .primary(BackendName.of("containerd"), toPrimary)
                .secondary(
                    BackendName.of("virtlet.cloud"),
                    toSecondary,
                    BackendOptions.DEFAULT.withRuntimeHandler("vm", "kvm"))
                .build());
    router.firstContact().toCompletableFuture().join();
    keep(CriServer.builder(router).socket(folder.resolve("r")).eventLoops(loops).start());
    client = keep(GrpcBackend.builder(folder.resolve("r")).eventLoops(loops).build());
  }

  private <T extends AutoCloseable> T keep(T resource) {
    open.push(resource);
    return resource;
  }

  @AfterAll
  void stop() throws Exception {
    for (AutoCloseable resource : open) {
      resource.close();
    }
  }

  @BeforeEach
  void forgetCalls() {
    primary.forgetCalls();
    secondary.forgetCalls();
  }

  static Stream<MethodDescriptor> rpcs() {
    return CriServices.getDescriptor().getServices().stream()
        .map(ServiceDescriptor::getMethods)
        .flatMap(List::stream);
  }

  static Stream<MethodDescriptor> rpcsWithAnOwner() {
    return rpcs()
        .filter(rpc -> !PRIMARY_ONLY.contains(rpc.getName()))
        .filter(rpc -> !ALL_RUNTIMES.contains(rpc.getName()));
  }

  static Stream<MethodDescriptor> lists() {
    return rpcs().filter(rpc -> LISTS.contains(rpc.getName()));
  }

  @Test
  void criHas43Rpcs() {
    assertThat(rpcs()).hasSize(43).hasSameSizeAs(CriMethod.all());
  }

  @ParameterizedTest
  @MethodSource("rpcsWithAnOwner")
  void callsOfThePrimaryPassUnchanged(MethodDescriptor rpc) throws Exception {
    ByteString request = bytes(SampleMessages.ofPrimary(false), rpc.getInputType());

    ByteString answer = RawCall.start(client, rpc.getName(), request).answer();

    assertThat(primary.requestsOf(rpc.getName())).as("bytes at the primary").containsOnly(request);
    assertThat(secondary.requestsOf(rpc.getName())).as("calls at the secondary").isEmpty();
    assertThat(parse(rpc.getOutputType(), answer))
        .as("answer at the client")
        .isEqualTo(SampleMessages.ofPrimary(false).fill(rpc.getOutputType()));
  }

  @ParameterizedTest
  @MethodSource("rpcsWithAnOwner")
  void callsOfASecondaryAreTranslatedBothWays(MethodDescriptor rpc) throws Exception {
    ByteString request = bytes(SampleMessages.ofSecondary(false), rpc.getInputType());

    ByteString answer = RawCall.start(client, rpc.getName(), request).answer();

    assertThat(primary.requestsOf(rpc.getName())).as("calls at the primary").isEmpty();
    assertThat(secondary.requestsOf(rpc.getName())).as("calls at the secondary").hasSize(1);
    assertThat(parse(rpc.getInputType(), secondary.requestsOf(rpc.getName()).get(0)))
        .as("request at the secondary")
        .isEqualTo(SampleMessages.ofSecondary(true).fill(rpc.getInputType()));
    assertThat(parse(rpc.getOutputType(), answer))
        .as("answer at the client")
        .isEqualTo(SampleMessages.ofSecondary(false).fill(rpc.getOutputType()));
  }

  /**
   * The trace context of a kubelet. Event subscriptions, and calls to secondaries for Status, are
   * calls of the router itself and have none.
   */
  @ParameterizedTest
  @MethodSource("rpcsWithAnAnswer")
  void theTraceContextReachesAllCalledRuntimes(MethodDescriptor rpc) {
    CallMetadata headers =
        CallMetadata.EMPTY
            .with("traceparent", ByteString.copyFromUtf8("00-" + "ab".repeat(16) + "-cd-01"))
            .with("tracestate", ByteString.copyFromUtf8("a=b"));
    for (SampleMessages side :
        List.of(SampleMessages.ofPrimary(false), SampleMessages.ofSecondary(false))) {
      forgetCalls();
      CriRequest request =
          CriRequest.of(CriMethod.of(rpc.getName()), bytes(side, rpc.getInputType()))
              .withMetadata(headers);

      RawCall.start(client, request).answer();

      List<CallMetadata> arrived = new ArrayList<>(primary.headersOf(rpc.getName()));
      if (!PRIMARY_ONLY.contains(rpc.getName())) {
        arrived.addAll(secondary.headersOf(rpc.getName()));
      }
      assertThat(arrived)
          .isNotEmpty()
          .allSatisfy(metadata -> assertThat(metadata.entries()).containsAll(headers.entries()));
    }
  }

  static Stream<MethodDescriptor> rpcsWithAnAnswer() {
    return rpcs().filter(rpc -> !rpc.getName().equals("GetContainerEvents"));
  }

  @ParameterizedTest
  @MethodSource("lists")
  void anUnfilteredListHasTheItemsOfBoth(MethodDescriptor rpc) throws Exception {
    ByteString answer = RawCall.start(client, rpc.getName(), ByteString.EMPTY).answer();

    Message both =
        SampleMessages.ofPrimary(false).fill(rpc.getOutputType()).toBuilder()
            .mergeFrom(SampleMessages.ofSecondary(false).fill(rpc.getOutputType()))
            .build();
    assertThat(parse(rpc.getOutputType(), answer)).isEqualTo(both);
    assertThat(primary.requestsOf(rpc.getName())).containsExactly(ByteString.EMPTY);
    assertThat(secondary.requestsOf(rpc.getName())).containsExactly(ByteString.EMPTY);
  }

  @Test
  void versionAndRuntimeConfigAreTheBytesOfThePrimary() throws Exception {
    for (String rpc : List.of("Version", "RuntimeConfig")) {
      secondary.forgetCalls();
      Descriptor type = method(rpc).getOutputType();

      ByteString answer = RawCall.start(client, rpc, ByteString.EMPTY).answer();

      assertThat(answer).as(rpc).isEqualTo(bytes(SampleMessages.ofPrimary(true), type));
      assertThat(secondary.requestsOf(rpc)).as(rpc).isEmpty();
    }
  }

  @Test
  void runtimeConfigUpdatesReachBothAndThePrimaryAnswers() throws Exception {
    ByteString update =
        bytes(SampleMessages.ofPrimary(false), method("UpdateRuntimeConfig").getInputType());

    RawCall.start(client, "UpdateRuntimeConfig", update).answer();

    assertThat(primary.requestsOf("UpdateRuntimeConfig")).containsExactly(update);
    assertThat(secondary.requestsOf("UpdateRuntimeConfig")).containsExactly(update);
  }

  @Test
  void eventsOfBothRuntimesAreInOneStream() throws Exception {
    RawCall events = RawCall.start(client, "GetContainerEvents", ByteString.EMPTY);
    Descriptor type = method("GetContainerEvents").getOutputType();

    List<Message> seen = List.of(parse(type, events.next()), parse(type, events.next()));
    events.cancel();

    assertThat(seen)
        .containsExactlyInAnyOrder(
            SampleMessages.ofPrimary(false).fill(type),
            SampleMessages.ofSecondary(false).fill(type));
  }

  private static MethodDescriptor method(String name) {
    return rpcs()
        .filter(rpc -> rpc.getName().equals(name))
        .findFirst()
        .orElseGet(() -> fail("no rpc " + name));
  }

  private static ByteString bytes(SampleMessages side, Descriptor type) {
    return side.fill(type).toByteString();
  }

  private static Message parse(Descriptor type, ByteString bytes)
      throws InvalidProtocolBufferException {
    return DynamicMessage.parseFrom(type, bytes);
  }
}
