package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.grpc.ApiVersion;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.testkit.router.V1Alpha2Schema.UnsupportedField;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Predicate;
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
 * Each rpc of v1alpha2 with all its fields over real sockets: runtimes with only v1alpha2 and a
 * client with v1, and the reverse.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class MixedVersionsTest {
  /** Rpcs that are not about a pod, container or image. */
  private static final Set<String> WITHOUT_OWNER =
      Set.of("Version", "Status", "UpdateRuntimeConfig", "ImageFsInfo");

  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private Node oldRuntimes;
  private Node oldClient;

  /** Two runtimes with one version and a client with the other. */
  private final class Node {
    private final RecordingRuntime primary;
    private final RecordingRuntime secondary;
    private final GrpcBackend client;

    Node(Path folder, EventLoops loops, ApiVersion ofRuntimes, ApiVersion ofClient)
        throws IOException {
      Path sockets = folder.resolve(ofRuntimes.wireName() + "-");
      Predicate<FieldDescriptor> fields =
          ofRuntimes == ApiVersion.V1 ? field -> true : V1Alpha2Schema::has;
      primary = runtime(SampleMessages.ofPrimary(true), fields);
      secondary = runtime(SampleMessages.ofSecondary(true), fields);
      CriRouter router =
          keep(
              CriRouter.builder()
                  .scheduler(loops.scheduler())
                  .primary(
                      BackendName.of("containerd"),
                      serve(primary, Path.of(sockets + "a"), loops, ofRuntimes))
                  .secondary(
                      BackendName.of("virtlet.cloud"),
                      serve(secondary, Path.of(sockets + "b"), loops, ofRuntimes),
                      BackendOptions.DEFAULT.withRuntimeHandler("vm", "kvm"))
                  .build());
      router.firstContact().toCompletableFuture().join();
      client = serve(router, Path.of(sockets + "r"), loops, ofClient);
    }

    private RpcStatus fails(UnsupportedField unsupportedFields, SampleMessages side) {
      MethodDescriptor rpc = unsupportedFields.rpc();
      Message request = side.fill(rpc.getInputType(), V1Alpha2Schema::has);
      return RawCall.start(client, rpc.getName(), unsupportedFields.addTo(request).toByteString())
          .status();
    }
  }

  @BeforeAll
  void start(@TempDir Path folder) throws IOException {
    EventLoops loops = keep(EventLoops.create());
    oldRuntimes = new Node(folder, loops, ApiVersion.V1ALPHA2, ApiVersion.V1);
    oldClient = new Node(folder, loops, ApiVersion.V1, ApiVersion.V1ALPHA2);
  }

  private static RecordingRuntime runtime(SampleMessages side, Predicate<FieldDescriptor> fields) {
    RecordingRuntime runtime = new RecordingRuntime();
    EveryRpcTest.rpcs()
        .filter(V1Alpha2Schema::has)
        .forEach(
            rpc ->
                runtime.answer(
                    rpc.getName(), side.fill(rpc.getOutputType(), fields).toByteString()));
    return runtime;
  }

  /** Serves {@code runtime} in one version only, and connects to it. */
  private GrpcBackend serve(
      RuntimeBackend runtime, Path socket, EventLoops loops, ApiVersion version)
      throws IOException {
    keep(
        CriServer.builder(runtime)
            .socket(socket)
            .eventLoops(loops)
            .apiVersions(EnumSet.of(version))
            .start());
    return keep(GrpcBackend.builder(socket).eventLoops(loops).build());
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
    Stream.of(oldRuntimes, oldClient)
        .flatMap(node -> Stream.of(node.primary, node.secondary))
        .forEach(RecordingRuntime::forgetCalls);
  }

  static Stream<MethodDescriptor> rpcs() {
    return EveryRpcTest.rpcs().filter(V1Alpha2Schema::has);
  }

  static Stream<MethodDescriptor> rpcsOfAnOwner() {
    return rpcs().filter(rpc -> !WITHOUT_OWNER.contains(rpc.getName()));
  }

  static Stream<UnsupportedField> unsupportedFields() {
    return rpcs().flatMap(rpc -> V1Alpha2Schema.unsupportedFields(rpc).stream());
  }

  @Test
  void v1alpha2Has29Rpcs() {
    assertThat(rpcs()).hasSize(29);
  }

  @ParameterizedTest
  @MethodSource("rpcsOfAnOwner")
  void anOldPrimaryServesANewClient(MethodDescriptor rpc) throws Exception {
    SampleMessages side = SampleMessages.ofPrimary(false);

    Message answer =
        answer(oldRuntimes, rpc, side.fill(rpc.getInputType(), V1Alpha2Schema::mayBeSent));

    assertThat(answer).isEqualTo(side.fill(rpc.getOutputType(), V1Alpha2Schema::has));
    assertThat(requestAt(oldRuntimes.primary, rpc))
        .as("hints that it does not know are left out")
        .isEqualTo(SampleMessages.ofPrimary(true).fill(rpc.getInputType(), V1Alpha2Schema::has));
    assertThat(oldRuntimes.secondary.requestsOf(rpc.getName())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("rpcsOfAnOwner")
  void anOldSecondaryServesANewClient(MethodDescriptor rpc) throws Exception {
    SampleMessages side = SampleMessages.ofSecondary(false);

    Message answer =
        answer(oldRuntimes, rpc, side.fill(rpc.getInputType(), V1Alpha2Schema::mayBeSent));

    assertThat(answer).isEqualTo(side.fill(rpc.getOutputType(), V1Alpha2Schema::has));
    assertThat(requestAt(oldRuntimes.secondary, rpc))
        .as("hints that it does not know are left out")
        .isEqualTo(SampleMessages.ofSecondary(true).fill(rpc.getInputType(), V1Alpha2Schema::has));
    assertThat(oldRuntimes.primary.requestsOf(rpc.getName())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("rpcsOfAnOwner")
  void anOldClientIsServedByANewPrimary(MethodDescriptor rpc) throws Exception {
    SampleMessages side = SampleMessages.ofPrimary(false);
    Message request = side.fill(rpc.getInputType(), V1Alpha2Schema::has);

    Message answer = answer(oldClient, rpc, request);

    assertThat(answer).as("all of it").isEqualTo(side.fill(rpc.getOutputType()));
    assertThat(requestAt(oldClient.primary, rpc)).isEqualTo(request);
    assertThat(oldClient.secondary.requestsOf(rpc.getName())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("rpcsOfAnOwner")
  void anOldClientIsServedByANewSecondary(MethodDescriptor rpc) throws Exception {
    SampleMessages side = SampleMessages.ofSecondary(false);

    Message answer = answer(oldClient, rpc, side.fill(rpc.getInputType(), V1Alpha2Schema::has));

    assertThat(answer).as("all of it").isEqualTo(side.fill(rpc.getOutputType()));
    assertThat(requestAt(oldClient.secondary, rpc))
        .isEqualTo(SampleMessages.ofSecondary(true).fill(rpc.getInputType(), V1Alpha2Schema::has));
    assertThat(oldClient.primary.requestsOf(rpc.getName())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("rpcs")
  void mergedCallsUseTheVersionOfEachRuntime(MethodDescriptor rpc) {
    for (Node node : new Node[] {oldRuntimes, oldClient}) {
      RawCall.start(node.client, rpc.getName(), ByteString.EMPTY).answer();

      assertThat(node.primary.requestsOf(rpc.getName())).isNotEmpty();
    }
  }

  @ParameterizedTest
  @MethodSource("unsupportedFields")
  void unsupportedFieldsForAnOldPrimaryAreRefused(UnsupportedField unsupportedFields) {
    RpcStatus refusal = oldRuntimes.fails(unsupportedFields, SampleMessages.ofPrimary(false));

    assertThat(refusal.code()).as("%s", refusal).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(refusal.message()).contains(V1Alpha2Schema.name(unsupportedFields.field()));
    assertThat(oldRuntimes.primary.requestsOf(unsupportedFields.rpc().getName())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("unsupportedFields")
  void unsupportedFieldsForAnOldSecondaryAreRefused(UnsupportedField unsupportedFields) {
    RpcStatus refusal = oldRuntimes.fails(unsupportedFields, SampleMessages.ofSecondary(false));

    assertThat(refusal.code()).as("%s", refusal).isEqualTo(Code.FAILED_PRECONDITION);
    assertThat(oldRuntimes.secondary.requestsOf(unsupportedFields.rpc().getName())).isEmpty();
  }

  private static Message answer(Node node, MethodDescriptor rpc, Message request)
      throws InvalidProtocolBufferException {
    ByteString answer = RawCall.start(node.client, rpc.getName(), request.toByteString()).answer();
    return parse(rpc.getOutputType(), answer);
  }

  private static Message requestAt(RecordingRuntime runtime, MethodDescriptor rpc)
      throws InvalidProtocolBufferException {
    assertThat(runtime.requestsOf(rpc.getName())).as("calls").hasSize(1);
    return parse(rpc.getInputType(), runtime.requestsOf(rpc.getName()).get(0));
  }

  private static Message parse(Descriptor type, ByteString bytes)
      throws InvalidProtocolBufferException {
    return DynamicMessage.parseFrom(type, bytes);
  }
}
