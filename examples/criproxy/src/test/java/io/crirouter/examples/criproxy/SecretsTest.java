package io.crirouter.examples.criproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.Message;
import io.crirouter.examples.criproxy.AdminCommands.Running;
import io.crirouter.examples.criproxy.tracing.Collector;
import io.crirouter.grpc.CriServer;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Only names and ids of requests are shown in traces, status, spans and logs. */
@Timeout(60)
class SecretsTest {
  private static final String SECRET = "the-secret-of-the-request";

  @TempDir private Path folder;

  @Test
  void noFieldOfAnyRequestIsShownInTraceStatusSpansOrLog() throws Exception {
    FakeRuntime runtime = FakeRuntime.create("containerd");
    Path socket = folder.resolve("criproxy.sock");
    Path admin = folder.resolve("criproxy-admin.sock");
    StringBuilder shown = new StringBuilder();
    SecretRequests requests;
    Path file = folder.resolve("criproxy.yaml");
    Files.writeString(file, "tracing: {endpoint: " + folder.resolve("collector.sock") + "}\n");
    try (CriServer containerd = runtime.serve(folder.resolve("containerd.sock"));
        Collector collector = Collector.atSocket(folder.resolve("collector.sock"));
        ProxyProcess proxy =
            ProxyProcess.run(
                "--config=" + file,
                "--listen=" + socket,
                "--connect=" + containerd.socket(),
                "--log-level=debug");
        CriClient client = CriClient.connect(socket)) {
      String unused = proxy.untilItListens();
      Running table = AdminCommands.start(admin, "trace");
      Running json = AdminCommands.start(admin, "trace", "-o=json");
      while (!table.out().contains("Version") || !json.out().contains("Version")) {
        var unusedVersion = client.runtime().version(VersionRequest.getDefaultInstance());
      }
      requests = callEverything(client, references(client));
      shown.append(AdminCommands.ask(admin, "status").out());
      shown.append(AdminCommands.ask(admin, "pods", "-o=json").out());
      proxy.terminate();
      shown.append(table.join().out()).append(json.join().out());
      assertThat(proxy.awaitExit()).isZero();
      shown.append(proxy.output());
      assertThat(collector.spans()).hasSizeGreaterThan(SecretRequests.rpcs().size());
      shown.append(collector.spans());
    }

    assertThat(requests.planted())
        .contains(
            "AuthConfig.password",
            "AuthConfig.identity_token",
            "KeyValue.value",
            "ExecSyncRequest.cmd",
            "ContainerConfig.args",
            "Mount.host_path")
        .hasSizeGreaterThan(60);
    for (MethodDescriptor rpc : SecretRequests.rpcs()) {
      assertThat(shown).contains(rpc.getName());
    }
    assertThat(shown.toString())
        .doesNotContain(SECRET)
        .doesNotContainIgnoringCase(HexFormat.of().formatHex(SECRET.getBytes(UTF_8)));
  }

  /** The existing objects. */
  private static Map<Reference, String> references(CriClient client) {
    PodSandboxConfig pod = AdminNode.pod("web", "");
    String sandbox =
        client
            .runtime()
            .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
            .getPodSandboxId();
    return Map.of(
        Reference.POD_SANDBOX_ID,
        sandbox,
        Reference.CONTAINER_ID,
        "unknown-container",
        Reference.IMAGE_REF,
        "busybox:latest",
        Reference.RUNTIME_HANDLER,
        "");
  }

  /** Removals come last, so that the other calls find their objects. */
  private static SecretRequests callEverything(
      CriClient client, Map<Reference, String> references) {
    SecretRequests requests = new SecretRequests(SECRET, references);
    List<MethodDescriptor> rpcs =
        SecretRequests.rpcs().stream()
            .sorted((one, other) -> Boolean.compare(removes(one), removes(other)))
            .toList();
    for (MethodDescriptor rpc : rpcs) {
      call(client, rpc, requests.of(rpc.getInputType()));
      call(
          client,
          rpc,
          new SecretRequests(
                  SECRET,
                  Map.of(
                      Reference.POD_SANDBOX_ID,
                      "none",
                      Reference.CONTAINER_ID,
                      "none",
                      Reference.IMAGE_REF,
                      "none",
                      Reference.RUNTIME_HANDLER,
                      ""))
              .of(rpc.getInputType()));
    }
    return requests;
  }

  private static boolean removes(MethodDescriptor rpc) {
    return rpc.getName().startsWith("Remove") || rpc.getName().startsWith("Stop");
  }

  private static void call(CriClient client, MethodDescriptor rpc, Message request) {
    try {
      Iterator<Message> answers =
          ClientCalls.blockingServerStreamingCall(
              client.channel(),
              io.grpc.MethodDescriptor.<Message, Message>newBuilder()
                  .setType(MethodType.SERVER_STREAMING)
                  .setFullMethodName(rpc.getService().getFullName() + "/" + rpc.getName())
                  .setRequestMarshaller(
                      ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(rpc.getInputType())))
                  .setResponseMarshaller(
                      ProtoUtils.marshaller(DynamicMessage.getDefaultInstance(rpc.getOutputType())))
                  .build(),
              CallOptions.DEFAULT.withDeadlineAfter(500, TimeUnit.MILLISECONDS),
              request);
      answers.forEachRemaining(answer -> {});
    } catch (StatusRuntimeException e) {
      // What is shown of failures counts too.
    }
  }
}
