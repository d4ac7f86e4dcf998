package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.crirouter.core.RoutingPolicy;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.ServerLimits;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.ImageServiceGrpc;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxMetadata;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StreamContainerStatsRequest;
import io.crirouter.proto.v1.StreamContainersRequest;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ResponseStream;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The proxy with its default heap stays within its memory limit while five runtimes flood it at
 * once.
 */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ProxyMemoryTest {
  private static final long LIMIT_MIB = 256;
  private static final int HOSTILE_RUNTIMES = 5;

  /** Less than the limit for one answer, so that many can be under way. */
  private static final int ANSWER_MIB = 15;

  private static final int CALLS_AT_ONCE = 16;
  private static final int UNREAD_LISTS = 100;

  /** The limit for merged answers. */
  private static final int LIST_MIB = 7;

  /** The limit of known objects of one kind, of nearly one kibibyte each. */
  private static final int OBJECTS = 7500;

  private static final int LONG_UIDS = 250;

  @TempDir private Path folder;
  private CriServer primary;
  private final List<CriServer> secondaries = new ArrayList<>();
  private ProxyProcess proxy;
  private CriClient good;
  private CriClient other;
  private final List<HostileRuntime> hostile = new ArrayList<>();
  private String pod = "";

  @BeforeEach
  void start() throws IOException {
    primary = FakeRuntime.create("containerd").serve(folder.resolve("containerd.sock"));
    StringBuilder connect = new StringBuilder(primary.socket().toString());
    for (int i = 0; i < HOSTILE_RUNTIMES; i++) {
      CriServer secondary = serve(hostileName(i));
      connect.append(',').append(hostileName(i)).append(':').append(secondary.socket());
    }
    proxy =
        ProxyProcess.runWith(
            List.of("@" + Path.of("bin", "jvm.options")),
            "--listen=" + folder.resolve("criproxy.sock"),
            "--connect=" + connect,
            "--state-file=" + folder.resolve("state"));
    proxy.awaitSocket(folder.resolve("criproxy.sock"));
    good = CriClient.connect(folder.resolve("criproxy.sock"));
    other = CriClient.connect(folder.resolve("criproxy.sock"));
    pod = run(good, "primary", "good");
    hostile.forEach(HostileRuntime::flood);
  }

  private static String hostileName(int number) {
    return (char) ('a' + number) + ".hostile.test";
  }

  private CriServer serve(String name) throws IOException {
    HostileRuntime runtime = new HostileRuntime(FakeRuntime.create(name), ANSWER_MIB);
    hostile.add(runtime);
    CriServer server =
        CriServer.builder(runtime)
            .socket(folder.resolve(name + ".sock"))
            .limits(
                ServerLimits.builder().unreadBytes(Long.MAX_VALUE / 2, Long.MAX_VALUE / 2).build())
            .start();
    secondaries.add(server);
    return server;
  }

  @AfterEach
  void stop() {
    other.close();
    good.close();
    proxy.close();
    secondaries.forEach(CriServer::close);
    primary.close();
  }

  private static String run(CriClient client, String target, String uid) {
    PodSandboxConfig config =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName("pod").setNamespace("default").setUid(uid))
            .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, target)
            .build();
    return client
        .runtime()
        .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
        .getPodSandboxId();
  }

  private void assertGoodClientIsServed() {
    assertThat(
            good.runtime()
                .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod).build())
                .getStatus()
                .getId())
        .isEqualTo(pod);
    assertThat(
            good.runtime()
                .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
                .getItemsList())
        .anyMatch(item -> item.getId().equals(pod));
  }

  private <Q extends Message, R extends Message> void callAtOnce(
      MethodDescriptor<Q, R> rpc, Q request) {
    callAtOnce(rpc, List.of(request));
  }

  private <Q extends Message, R extends Message> void callAtOnce(
      MethodDescriptor<Q, R> rpc, List<Q> requests) {
    List<ResponseStream<R>> calls = new ArrayList<>();
    for (int i = 0; i < CALLS_AT_ONCE; i++) {
      requests.forEach(request -> calls.add(other.stream(rpc, request)));
    }
    assertGoodClientIsServed();
    for (ResponseStream<R> call : calls) {
      // It may be refused, as long as it ends.
      Status unused = call.awaitEnd();
      call.close();
    }
  }

  private void assertSmall() throws IOException {
    assertGoodClientIsServed();

    assertThat(proxy.peakMib()).as("MiB of memory at most").isLessThan(LIMIT_MIB);
  }

  @Test
  void endlessStreams() throws IOException {
    callAtOnce(
        RuntimeServiceGrpc.getStreamPodSandboxesMethod(),
        StreamPodSandboxesRequest.getDefaultInstance());
    callAtOnce(
        RuntimeServiceGrpc.getStreamContainersMethod(),
        StreamContainersRequest.getDefaultInstance());
    callAtOnce(
        RuntimeServiceGrpc.getStreamContainerStatsMethod(),
        StreamContainerStatsRequest.getDefaultInstance());
    assertSmall();
  }

  @Test
  void largeLists() throws IOException {
    callAtOnce(
        RuntimeServiceGrpc.getListPodSandboxMethod(), ListPodSandboxRequest.getDefaultInstance());
    callAtOnce(
        RuntimeServiceGrpc.getListContainersMethod(), ListContainersRequest.getDefaultInstance());
    callAtOnce(
        RuntimeServiceGrpc.getListContainerStatsMethod(),
        ListContainerStatsRequest.getDefaultInstance());
    assertSmall();
  }

  @Test
  void largeAnswers() throws IOException {
    List<ContainerStatusRequest> requests = new ArrayList<>();
    for (int i = 0; i < HOSTILE_RUNTIMES; i++) {
      String containerOfHostile = run(other, hostileName(i), "theirs");
      requests.add(ContainerStatusRequest.newBuilder().setContainerId(containerOfHostile).build());
    }
    callAtOnce(RuntimeServiceGrpc.getContainerStatusMethod(), requests);
    assertSmall();
  }

  @Test
  void listsOfManyObjects() throws IOException {
    hostile.forEach(each -> each.listObjects(OBJECTS));
    callAtOnce(
        RuntimeServiceGrpc.getListPodSandboxMethod(), ListPodSandboxRequest.getDefaultInstance());
    callAtOnce(
        RuntimeServiceGrpc.getListContainersMethod(), ListContainersRequest.getDefaultInstance());
    callAtOnce(ImageServiceGrpc.getListImagesMethod(), ListImagesRequest.getDefaultInstance());
    assertSmall();
  }

  @Test
  void streamedListsThatAreNotRead() throws IOException {
    hostile.forEach(each -> each.endStreamsAfter(LIST_MIB));
    List<ResponseStream<?>> unread = new ArrayList<>();
    for (int i = 0; i < UNREAD_LISTS; i++) {
      unread.add(
          other.stream(
              RuntimeServiceGrpc.getStreamContainersMethod(),
              StreamContainersRequest.getDefaultInstance(),
              1));
      if (i % CALLS_AT_ONCE == 0) {
        assertGoodClientIsServed();
      }
    }
    assertSmall();
    unread.forEach(ResponseStream::close);
  }

  @ParameterizedTest
  @CsvSource({"4, 8000", "1000, 400"})
  void endlessEvents(int eventKib, int read) throws IOException {
    hostile.forEach(each -> each.padEvents(eventKib << 10));
    GetEventsRequest request = GetEventsRequest.getDefaultInstance();
    try (var unread = other.stream(RuntimeServiceGrpc.getGetContainerEventsMethod(), request, 1);
        var events = good.stream(RuntimeServiceGrpc.getGetContainerEventsMethod(), request)) {
      for (int i = 0; i < read; i++) {
        var unused = events.next();
      }
      assertSmall();
      assertThat(unread.poll()).isPresent();
    }
  }

  @Test
  void podsWithLongUids() throws IOException {
    String filler = "u".repeat(1 << 20);
    for (int i = 0; i < LONG_UIDS; i++) {
      run(other, hostileName(i % HOSTILE_RUNTIMES), filler + i);
    }
    assertSmall();
    assertThat(Files.size(folder.resolve("state"))).as("bytes of state").isLessThan(13 << 20);
  }
}
