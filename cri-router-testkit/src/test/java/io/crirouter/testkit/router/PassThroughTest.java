package io.crirouter.testkit.router;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.Scheduler;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.routing.Routing;
import io.crirouter.proto.routing.RoutingProto;
import io.crirouter.proto.v1.CriServices;
import io.crirouter.proto.v1.ExecResponse;
import io.crirouter.testkit.ManualScheduler;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * With native ids, shared image names and no renamed handlers nothing is translated: the response
 * of one runtime is passed through as the same object, without parsing.
 */
class PassThroughTest {
  /** Rpcs whose responses are merged, or have more than the response of the primary. */
  private static final Set<Merge> MERGED_FROM_SEVERAL =
      Set.of(
          Merge.STATUS,
          Merge.BROADCAST,
          Merge.IMAGES,
          Merge.REMOVE_IMAGE,
          Merge.IMAGE_FS_INFO,
          Merge.METRIC_DESCRIPTORS,
          Merge.METRICS,
          Merge.EVENTS);

  /** An unknown field whose tag uses more bytes than necessary. */
  private static final ByteString UNUSUAL_FIELD =
      ByteString.copyFrom(HexFormat.of().parseHex("807d8100"));

  private static final SampleMessages PRIMARY_SAMPLE = sample("5a", "c0", Map.of("key", "value"));
  private static final SampleMessages SECONDARY_SAMPLE =
      sample("5b", "c1", Map.of("kubernetes.io/target-runtime", "virtlet.cloud"));

  private final RecordingRuntime primary = new RecordingRuntime();
  private final RecordingRuntime secondary = new RecordingRuntime();

  private static SampleMessages sample(
      String sandbox, String container, Map<String, String> notes) {
    return new SampleMessages(
        "uid-" + sandbox,
        Map.of(
            Reference.POD_SANDBOX_ID, sandbox.repeat(32),
            Reference.CONTAINER_ID, container.repeat(32),
            Reference.IMAGE_REF, "docker.io/library/busybox:1",
            Reference.RUNTIME_HANDLER, "runc",
            Reference.STREAM_URL, "http://127.0.0.1:1234/exec/x"),
        notes);
  }

  static Stream<MethodDescriptor> rpcsThatOneRuntimeAnswers() {
    return rpcs().filter(rpc -> !MERGED_FROM_SEVERAL.contains(routing(rpc).getMerge()));
  }

  static Stream<MethodDescriptor> rpcsThatASecondaryCanAnswerAlone() {
    return rpcsThatOneRuntimeAnswers().filter(rpc -> routing(rpc).getRoute() != Route.PRIMARY);
  }

  private static Stream<MethodDescriptor> rpcs() {
    return CriServices.getDescriptor().getServices().stream()
        .map(ServiceDescriptor::getMethods)
        .flatMap(List::stream);
  }

  private static Routing routing(MethodDescriptor rpc) {
    return rpc.getOptions().getExtension(RoutingProto.routing);
  }

  private static ByteString bytes(SampleMessages side, Descriptor type) {
    return side.fill(type).toByteString().concat(UNUSUAL_FIELD);
  }

  @BeforeEach
  void prepareResponses() {
    rpcs()
        .forEach(
            rpc -> {
              primary.answer(rpc.getName(), bytes(PRIMARY_SAMPLE, rpc.getOutputType()));
              secondary.answer(rpc.getName(), bytes(SECONDARY_SAMPLE, rpc.getOutputType()));
            });
  }

  private static CriRouter router(
      RuntimeBackend primary, RuntimeBackend secondary, Scheduler scheduler) {
    return CriRouter.builder()
        .scheduler(scheduler)
        .ids(IdStrategy.nativeIds())
        .images(ImageStrategy.shared())
        .primary(BackendName.of("containerd"), primary)
        .secondary(BackendName.of("virtlet.cloud"), secondary)
        .build();
  }

  @ParameterizedTest
  @MethodSource("rpcsThatOneRuntimeAnswers")
  void responsesOfThePrimaryArePassedThrough(MethodDescriptor rpc) {
    assertPassedThrough(rpc, PRIMARY_SAMPLE, primary, secondary);
  }

  @ParameterizedTest
  @MethodSource("rpcsThatASecondaryCanAnswerAlone")
  void responsesOfASecondaryArePassedThrough(MethodDescriptor rpc) {
    assertPassedThrough(rpc, SECONDARY_SAMPLE, secondary, primary);
  }

  private void assertPassedThrough(
      MethodDescriptor rpc, SampleMessages side, RecordingRuntime owner, RecordingRuntime other) {
    try (CriRouter router = router(primary, secondary, new ManualScheduler())) {
      owner.forgetCalls();
      other.forgetCalls();
      ByteString request = bytes(side, rpc.getInputType());

      RawCall call = RawCall.start(router, rpc.getName(), request);

      assertThat(call.status().isOk()).as(call.status().toString()).isTrue();
      assertThat(other.requestsOf(rpc.getName())).as("calls of the other runtime").isEmpty();
      assertThat(owner.requestsOf(rpc.getName())).singleElement().isSameAs(request);
      assertThat(call.messages()).singleElement().isSameAs(owner.answerTo(rpc.getName()));
    }
  }

  @Test
  void mostRpcsArePassedThrough() {
    assertThat(rpcsThatOneRuntimeAnswers()).hasSize(33);
    assertThat(rpcsThatASecondaryCanAnswerAlone()).hasSize(31);
  }

  @Test
  void onlyIncompleteUrlsAreChanged() {
    ByteString withoutScheme =
        ExecResponse.newBuilder().setUrl("//127.0.0.1:1234/exec/x").build().toByteString();
    secondary.answer("Exec", withoutScheme);
    try (CriRouter router = router(primary, secondary, new ManualScheduler())) {
      MethodDescriptor exec =
          rpcs().filter(rpc -> rpc.getName().equals("Exec")).findFirst().orElseThrow();

      ByteString answer =
          RawCall.start(router, "Exec", bytes(SECONDARY_SAMPLE, exec.getInputType())).answer();

      assertThat(answer.toStringUtf8()).contains("http://127.0.0.1:1234/exec/x");
    }
  }

  @Test
  void bytesAreUnchangedOverSockets(@TempDir Path folder) throws IOException {
    try (EventLoops loops = EventLoops.create();
        CriServer a = CriServer.builder(primary).socket(folder.resolve("a")).start();
        CriServer b = CriServer.builder(secondary).socket(folder.resolve("b")).start();
        GrpcBackend toA = GrpcBackend.builder(folder.resolve("a")).eventLoops(loops).build();
        GrpcBackend toB = GrpcBackend.builder(folder.resolve("b")).eventLoops(loops).build();
        CriRouter router = router(toA, toB, loops.scheduler())) {
      router.firstContact().toCompletableFuture().join();
      try (CriServer front = CriServer.builder(router).socket(folder.resolve("r")).start();
          GrpcBackend client = GrpcBackend.builder(folder.resolve("r")).eventLoops(loops).build()) {
        rpcsThatASecondaryCanAnswerAlone()
            .forEach(
                rpc -> {
                  ByteString request = bytes(SECONDARY_SAMPLE, rpc.getInputType());
                  assertThat(RawCall.start(client, rpc.getName(), request).answer())
                      .as(rpc.getName())
                      .isEqualTo(secondary.answerTo(rpc.getName()));
                  assertThat(secondary.requestsOf(rpc.getName()))
                      .as(rpc.getName())
                      .contains(request);
                });
      }
    }
  }
}
