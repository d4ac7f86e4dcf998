package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.RuntimeConfigRequest;
import io.crirouter.proto.v1.RuntimeServiceGrpc;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import java.util.List;

/** The rpcs about the runtime itself. */
final class NodeRules {
  /** The only value that kubelets accept. */
  private static final String KUBELET_VERSION = "0.1.0";

  private static final int UNKNOWN_FIELD = 99_999;

  private NodeRules() {}

  static List<Rule> all() {
    Rule.Area area = new Rule.Area();
    area.add("Version has all four fields, which kubelets check", NodeRules::version);
    area.add("Version stays the same", NodeRules::versionIsStable);
    area.add("Status reports that runtime and network are ready", NodeRules::isReady);
    area.add("Status has info only if verbose is set", NodeRules::info, Feature.VERBOSE_INFO);
    area.add("Status lists the runtime handlers", NodeRules::handlers, Feature.RUNTIME_HANDLERS);
    area.add("RuntimeConfig reports a cgroup driver", NodeRules::config, Feature.RUNTIME_CONFIG);
    area.add("UpdateRuntimeConfig is accepted", NodeRules::update, Feature.UPDATE_RUNTIME_CONFIG);
    area.add("unknown fields are ignored", NodeRules::unknownField);
    area.add("unknown rpcs are UNIMPLEMENTED", NodeRules::unknownRpc);
    return area.rules();
  }

  private static VersionResponse versionOf(RuleCalls calls) {
    return calls.runtime().version(VersionRequest.newBuilder().setVersion(KUBELET_VERSION).build());
  }

  private static void version(RuleCalls calls) {
    VersionResponse version = versionOf(calls);
    assertEquals(KUBELET_VERSION, version.getVersion(), "version");
    assertFalse(version.getRuntimeName().isEmpty(), "runtime_name is empty");
    assertFalse(
        version.getRuntimeName().contains("://"),
        "runtime_name must not contain ://, because ids are shown as runtime_name://id");
    assertFalse(version.getRuntimeVersion().isEmpty(), "runtime_version is empty");
    assertFalse(version.getRuntimeApiVersion().isEmpty(), "runtime_api_version is empty");
  }

  private static void versionIsStable(RuleCalls calls) {
    VersionResponse version = versionOf(calls);
    assertFalse(version.getRuntimeName().isEmpty(), "runtime_name is empty");
    assertEquals(version, versionOf(calls));
  }

  private static StatusResponse status(RuleCalls calls, boolean verbose) {
    return calls.runtime().status(StatusRequest.newBuilder().setVerbose(verbose).build());
  }

  private static void isReady(RuleCalls calls) {
    StatusResponse status = status(calls, false);
    for (String condition : List.of("RuntimeReady", "NetworkReady")) {
      assertTrue(
          status.getStatus().getConditionsList().stream()
              .anyMatch(entry -> entry.getType().equals(condition) && entry.getStatus()),
          () -> condition + " is not true in " + status);
    }
  }

  private static void info(RuleCalls calls) {
    assertTrue(status(calls, false).getInfoMap().isEmpty(), "info without verbose");
    assertFalse(status(calls, true).getInfoMap().isEmpty(), "verbose without info");
  }

  private static void handlers(RuleCalls calls) {
    StatusResponse status = status(calls, false);
    assertTrue(status.getRuntimeHandlersCount() > 0, "no runtime handlers");
    assertTrue(
        status.getRuntimeHandlersList().stream()
            .anyMatch(entry -> entry.getName().equals(calls.runtimeUnderTest().runtimeHandler)),
        () -> "the handler in use is not among " + status.getRuntimeHandlersList());
  }

  private static void config(RuleCalls calls) {
    assertTrue(
        calls.runtime().runtimeConfig(RuntimeConfigRequest.getDefaultInstance()).hasLinux(),
        "no configuration for Linux");
  }

  /** The pod CIDR is empty, so that a node in use does not change. */
  private static void update(RuleCalls calls) {
    var unused =
        calls.runtime().updateRuntimeConfig(UpdateRuntimeConfigRequest.getDefaultInstance());
  }

  private static void unknownField(RuleCalls calls) {
    ListPodSandboxRequest request =
        ListPodSandboxRequest.newBuilder()
            .setUnknownFields(
                UnknownFieldSet.newBuilder()
                    .addField(
                        UNKNOWN_FIELD,
                        UnknownFieldSet.Field.newBuilder()
                            .addLengthDelimited(ByteString.copyFromUtf8("new"))
                            .build())
                    .build())
            .build();
    String shared = calls.shared().id();
    assertTrue(
        calls.runtime().listPodSandbox(request).getItemsList().stream()
            .anyMatch(pod -> pod.getId().equals(shared)),
        "a list request with an unknown field returns an incomplete list");
  }

  private static void unknownRpc(RuleCalls calls) {
    assumeTrue(
        calls.runtimeUnderTest().overSocket,
        "without a socket only the rpcs of CRI v1 can be called");
    var rpc =
        RuntimeServiceGrpc.getVersionMethod().toBuilder()
            .setFullMethodName(
                "runtime." + calls.runtimeUnderTest().apiVersion + ".RuntimeService/FutureRpc")
            .build();
    assertEquals(
        Status.Code.UNIMPLEMENTED,
        Expect.code(
            () ->
                ClientCalls.blockingUnaryCall(
                    calls.client().channel(),
                    rpc,
                    CallOptions.DEFAULT,
                    VersionRequest.getDefaultInstance())),
        "kubelets accept only UNIMPLEMENTED for an rpc that is missing");
  }
}
