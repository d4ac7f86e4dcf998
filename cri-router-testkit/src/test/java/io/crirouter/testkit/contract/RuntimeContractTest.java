package io.crirouter.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.FakeRuntimeBuilder;
import io.crirouter.testkit.contract.ContractRun.OfWrongImplementation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Runtimes that break a rule fail it, and wrong declarations of lacks fail the suite. */
class RuntimeContractTest {
  private static RuntimeUnderTest.Builder of(RuntimeBackend runtime) {
    return RuntimeUnderTest.of(runtime, "busybox")
        .imageToRemove("alpine")
        .timeout(Duration.ofMillis(300))
        .lacks(FakeRuntimeContractTest.LACKS);
  }

  private static FakeRuntime fake() {
    return FakeRuntime.named("fake").images("busybox").build();
  }

  /** The wrong behaviour of one rpc. */
  private interface Wrong {
    RuntimeCall start(FakeRuntime right, CriRequest request, ResponseListener listener)
        throws InvalidProtocolBufferException;
  }

  private static RuntimeBackend wrong(String rpc, Wrong how) {
    FakeRuntime right = fake();
    return (request, listener) -> {
      try {
        return request.method().name().equals(rpc)
            ? how.start(right, request, listener)
            : right.start(request, listener);
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    };
  }

  /** Forwards to a listener and replaces one status code. */
  private record EndingWith(ResponseListener listener, Code replaced, Code by)
      implements ResponseListener {
    @Override
    public void onMessage(ByteString message) {
      listener.onMessage(message);
    }

    @Override
    public void onClose(RpcStatus status) {
      listener.onClose(status.code() == replaced ? RpcStatus.of(by, status.message()) : status);
    }
  }

  abstract static class OfRuntime extends RuntimeContract {
    private final RuntimeUnderTest.Builder runtime;

    OfRuntime(RuntimeUnderTest.Builder runtime) {
      this.runtime = runtime;
    }

    @Override
    protected RuntimeUnderTest runtime() {
      return runtime.build();
    }
  }

  @OfWrongImplementation
  static class ReportsNotFoundAsUnknown extends OfRuntime {
    ReportsNotFoundAsUnknown() {
      super(
          of(
              wrong(
                  "PodSandboxStatus",
                  (right, request, listener) ->
                      right.start(
                          request, new EndingWith(listener, Code.NOT_FOUND, Code.UNKNOWN)))));
    }
  }

  @OfWrongImplementation
  static class IgnoresFilters extends OfRuntime {
    IgnoresFilters() {
      super(
          of(
              wrong(
                  "ListContainers",
                  (right, request, listener) ->
                      right.start(
                          request.withMessage(
                              ListContainersRequest.getDefaultInstance().toByteString()),
                          listener))));
    }
  }

  @OfWrongImplementation
  static class ListsOnlyReadySandboxes extends OfRuntime {
    ListsOnlyReadySandboxes() {
      super(
          of(
              wrong(
                  "ListPodSandbox",
                  (right, request, listener) -> {
                    ListPodSandboxRequest.Builder only =
                        ListPodSandboxRequest.parseFrom(request.message()).toBuilder();
                    if (!only.getFilter().hasState()) {
                      only.getFilterBuilder().getStateBuilder().setStateValue(0);
                    }
                    return right.start(request.withMessage(only.build().toByteString()), listener);
                  })));
    }
  }

  @OfWrongImplementation
  static class ReportsTimeoutsAsUnknown extends OfRuntime {
    ReportsTimeoutsAsUnknown() {
      super(
          of(
              wrong(
                  "ExecSync",
                  (right, request, listener) ->
                      right.start(
                          request,
                          new EndingWith(listener, Code.DEADLINE_EXCEEDED, Code.UNKNOWN)))));
    }
  }

  @OfWrongImplementation
  static class ListsImagesTwice extends OfRuntime {
    ListsImagesTwice() {
      super(
          of(
              wrong(
                  "ListImages",
                  (right, request, listener) ->
                      right.start(
                          request,
                          new ResponseListener() {
                            @Override
                            public void onMessage(ByteString message) {
                              listener.onMessage(message.concat(message));
                            }

                            @Override
                            public void onClose(RpcStatus status) {
                              listener.onClose(status);
                            }
                          }))));
    }
  }

  @OfWrongImplementation
  static class DeclaresEventsAsLacking extends OfRuntime {
    DeclaresEventsAsLacking() {
      super(of(fake()).lacks(Feature.EVENTS, Feature.METRICS));
    }
  }

  @OfWrongImplementation
  static class DoesNotImplementEvents extends OfRuntime {
    DoesNotImplementEvents() {
      super(
          of(
              FakeRuntime.named("fake")
                  .images("busybox")
                  .without("GetContainerEvents", "StreamImages")
                  .build()));
    }
  }

  /** The minimal runtime of docs/embedding.md. */
  @OfWrongImplementation
  static class HasOnlyWhatAKubeletNeeds extends OfRuntime {
    HasOnlyWhatAKubeletNeeds() {
      super(
          of(small())
              .lacks(Feature.CONTAINER_STATS, Feature.POD_STATS, Feature.METRICS)
              .lacks(
                  Feature.EVENTS, Feature.LIST_STREAMS, Feature.CHECKPOINTS, Feature.LOG_ROTATION)
              .lacks(Feature.EXEC, Feature.ATTACH, Feature.PORT_FORWARD, Feature.IMAGE_FS_INFO)
              .lacks(Feature.CONTAINER_RESOURCES, Feature.POD_RESOURCES)
              .lacks(Feature.UPDATE_RUNTIME_CONFIG, Feature.RUNTIME_CONFIG)
              .lacks(Feature.POD_CONTAINER_STATUSES));
    }
  }

  private static FakeRuntime small() {
    FakeRuntimeBuilder runtime = FakeRuntime.named("small").images("busybox");
    Set<String> needed =
        Set.of(
            "Version",
            "Status",
            "RunPodSandbox",
            "StopPodSandbox",
            "RemovePodSandbox",
            "PodSandboxStatus",
            "ListPodSandbox",
            "CreateContainer",
            "StartContainer",
            "StopContainer",
            "RemoveContainer",
            "ContainerStatus",
            "ListContainers",
            "ImageStatus",
            "PullImage",
            "ListImages",
            "RemoveImage");
    CriMethod.all().stream()
        .map(CriMethod::name)
        .filter(rpc -> !needed.contains(rpc))
        .forEach(runtime::without);
    return runtime.build();
  }

  @Test
  void aRuntimeWithOnlyTheRpcsThatKubeletsNeedPasses() {
    ContractRun run = ContractRun.of(HasOnlyWhatAKubeletNeeds.class);

    assertThat(run.failed()).isEmpty();
    assertThat(run.passed()).hasSizeGreaterThan(70);
  }

  @Test
  void theFailureOfARuleNamesTheRuleAndItsFeatures() {
    assertThat(ContractRun.of(DoesNotImplementEvents.class).messages())
        .anySatisfy(
            message ->
                assertThat(message)
                    .startsWith("rule 'StreamImages': StreamImages ended with ")
                    .endsWith(
                        " (if the runtime does not support this, declare that it lacks"
                            + " LIST_STREAMS)"));
    assertThat(ContractRun.of(ReportsNotFoundAsUnknown.class).messages())
        .anySatisfy(
            message ->
                assertThat(message)
                    .startsWith("rule 'PodSandboxStatus of an unknown sandbox is NOT_FOUND': ")
                    .endsWith("expected: <NOT_FOUND> but was: <UNKNOWN>"));
  }

  @Test
  void aWrongStatusOfAnUnknownIdIsDetected() {
    assertThat(ContractRun.of(ReportsNotFoundAsUnknown.class).failed())
        .contains(
            "PodSandboxStatus of an unknown sandbox is NOT_FOUND",
            "PodSandboxStatus of a removed sandbox is NOT_FOUND")
        .doesNotContain("ContainerStatus of an unknown container is NOT_FOUND");
  }

  @Test
  void ignoredFiltersAreDetected() {
    assertThat(ContractRun.of(IgnoresFilters.class).failed())
        .contains("a filter by id", "a filter by sandbox", "a filter by state")
        .doesNotContain("an empty filter matches containers in all states");
  }

  @Test
  void missingStoppedSandboxesAreDetected() {
    assertThat(ContractRun.of(ListsOnlyReadySandboxes.class).failed())
        .containsExactlyInAnyOrder(
            "an empty filter matches all sandboxes", "a stopped sandbox is listed as not ready");
  }

  @Test
  void aWrongStatusOfATimeoutIsDetected() {
    assertThat(ContractRun.of(ReportsTimeoutsAsUnknown.class).failed())
        .contains("ExecSync beyond its timeout is DEADLINE_EXCEEDED");
  }

  @Test
  void imagesThatAreListedTwiceAreDetected() {
    assertThat(ContractRun.of(ListsImagesTwice.class).failed())
        .contains("ListImages has each id once");
  }

  @Test
  void aWrongDeclarationOfALackIsDetected() {
    assertThat(ContractRun.of(DeclaresEventsAsLacking.class).failed())
        .containsExactlyInAnyOrder("EVENTS", "METRICS");
  }

  @Test
  void anUndeclaredLackIsDetected() {
    assertThat(ContractRun.of(DoesNotImplementEvents.class).failed())
        .contains("StreamImages", "the lifecycle events of a container are in order")
        .doesNotContain("StreamContainers");
  }

  @Test
  void theSettingsOfARuntimeAtASocket() {
    Map<String, String> settings =
        Map.of(
            "SOCKET", "/run/vm.sock",
            "IMAGE", "busybox",
            "LACKS", "events, LOG_FILES",
            "ANNOTATION", "kubernetes.io/target-runtime=vm",
            "API", "v1alpha2");

    RuntimeUnderTest runtime =
        SocketRuntimeContract.runtime(name -> Optional.ofNullable(settings.get(name)));

    assertThat(runtime).hasToString("unix:/run/vm.sock in v1alpha2");
    assertThat(runtime.lacks).containsExactlyInAnyOrder(Feature.EVENTS, Feature.LOG_FILES);
    assertThat(runtime.annotations).containsEntry("kubernetes.io/target-runtime", "vm");
  }

  @Test
  void wrongSettingsNameTheAcceptedValues() {
    assertThatThrownBy(() -> withSetting("LACKS", "event"))
        .hasMessageContaining("'event'")
        .hasMessageContaining("EVENTS");
    assertThatThrownBy(() -> withSetting("ANNOTATION", "vm")).hasMessageContaining("KEY=VALUE");
    assertThatThrownBy(() -> RuntimeUnderTest.at(Path.of("/run/vm.sock"), "busybox").build())
        .hasMessageContaining("LOG_FILES");
  }

  private static void withSetting(String name, String value) {
    Map<String, String> settings = Map.of("SOCKET", "/run/vm.sock", name, value);
    var unused = SocketRuntimeContract.runtime(key -> Optional.ofNullable(settings.get(key)));
  }
}
