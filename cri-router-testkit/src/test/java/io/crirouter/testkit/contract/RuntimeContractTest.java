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

/** Runtimes that break one rule fail that rule, and lacks that are none fail the suite. */
class RuntimeContractTest {
  private static RuntimeUnderTest.Builder of(RuntimeBackend runtime) {
    return RuntimeUnderTest.of(runtime, "busybox")
        .imageToRemove("alpine")
        .patience(Duration.ofMillis(300))
        .lacks(FakeRuntimeContractTest.LACKS);
  }

  private static FakeRuntime fake() {
    return FakeRuntime.named("fake").images("busybox").build();
  }

  /** What a wrong runtime does to a call of one rpc. */
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

  /** The same listener with another end. */
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
  static class DoesNotSayNotFound extends OfRuntime {
    DoesNotSayNotFound() {
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
  static class SaysThatCommandsFailedInPlaceOfTimedOut extends OfRuntime {
    SaysThatCommandsFailedInPlaceOfTimedOut() {
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
  static class ListsAnImageForEachOfItsNames extends OfRuntime {
    ListsAnImageForEachOfItsNames() {
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
  static class LacksNoEvents extends OfRuntime {
    LacksNoEvents() {
      super(of(fake()).lacks(Feature.EVENTS, Feature.METRICS));
    }
  }

  @OfWrongImplementation
  static class HasNoEvents extends OfRuntime {
    HasNoEvents() {
      super(
          of(
              FakeRuntime.named("fake")
                  .images("busybox")
                  .without("GetContainerEvents", "StreamImages")
                  .build()));
    }
  }

  /** The runtime that docs/embedding.md says a kubelet can live with. */
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
  void aRuntimeMayDoWithoutWhatAKubeletCanDoWithout() {
    ContractRun run = ContractRun.of(HasOnlyWhatAKubeletNeeds.class);

    assertThat(run.failed()).isEmpty();
    assertThat(run.passed()).hasSizeGreaterThan(70);
  }

  @Test
  void aRuleThatIsBrokenNamesItselfAndTheFeatureThatItNeeds() {
    assertThat(ContractRun.of(HasNoEvents.class).messages())
        .anySatisfy(
            message ->
                assertThat(message)
                    .startsWith("rule 'StreamImages': StreamImages ended with ")
                    .endsWith(
                        " (a runtime that does without declares that it lacks LIST_STREAMS)"));
    assertThat(ContractRun.of(DoesNotSayNotFound.class).messages())
        .anySatisfy(
            message ->
                assertThat(message)
                    .startsWith("rule 'PodSandboxStatus of one that never was is NOT_FOUND': ")
                    .endsWith("expected: <NOT_FOUND> but was: <UNKNOWN>"));
  }

  @Test
  void anUnknownIdThatIsNotNotFound() {
    assertThat(ContractRun.of(DoesNotSayNotFound.class).failed())
        .contains(
            "PodSandboxStatus of one that never was is NOT_FOUND",
            "PodSandboxStatus of one that is removed is NOT_FOUND")
        .doesNotContain("ContainerStatus of one that never was is NOT_FOUND");
  }

  @Test
  void filtersThatAreIgnored() {
    assertThat(ContractRun.of(IgnoresFilters.class).failed())
        .contains("the id in a filter", "the sandbox in a filter", "the state in a filter")
        .doesNotContain("an empty filter means all, whatever their states");
  }

  @Test
  void stoppedSandboxesThatAreNotListed() {
    assertThat(ContractRun.of(ListsOnlyReadySandboxes.class).failed())
        .containsExactlyInAnyOrder(
            "an empty filter means all", "StopPodSandbox leaves it listed, not ready");
  }

  @Test
  void aTimeoutThatLooksLikeAnError() {
    assertThat(ContractRun.of(SaysThatCommandsFailedInPlaceOfTimedOut.class).failed())
        .contains("ExecSync beyond its timeout is DEADLINE_EXCEEDED");
  }

  @Test
  void imagesThatAreListedTwice() {
    assertThat(ContractRun.of(ListsAnImageForEachOfItsNames.class).failed())
        .contains("ListImages has each id once");
  }

  @Test
  void aLackThatIsNone() {
    assertThat(ContractRun.of(LacksNoEvents.class).failed())
        .containsExactlyInAnyOrder("EVENTS", "METRICS");
  }

  @Test
  void aLackThatIsNotDeclared() {
    assertThat(ContractRun.of(HasNoEvents.class).failed())
        .contains("StreamImages", "the life of a container is told in order")
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
  void settingsThatAreWrongSayWhatIsAccepted() {
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
