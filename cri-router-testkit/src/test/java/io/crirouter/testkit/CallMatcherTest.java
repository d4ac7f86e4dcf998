package io.crirouter.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.MessageLite;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import org.junit.jupiter.api.Test;

class CallMatcherTest {
  private static RecordedCall call(String rpc, MessageLite request) {
    return new RecordedCall("vm", CriRequest.of(CriMethod.of(rpc), request.toByteString()));
  }

  private final RecordedCall run = call("RunPodSandbox", Requests.pod("web"));
  private final RecordedCall create =
      call(
          "CreateContainer",
          Requests.container("0123", "main", "busybox").toBuilder()
              .setSandboxConfig(Requests.podConfig("web"))
              .build());
  private final RecordedCall pull =
      call("PullImage", PullImageRequest.newBuilder().setImage(Requests.spec("busybox")).build());

  @Test
  void anRpcMatchesItsCallsOnly() {
    assertThat(CallMatcher.rpc("RunPodSandbox")).accepts(run).rejects(create, pull);
    assertThat(CallMatcher.any()).accepts(run, create, pull);
    assertThatIllegalArgumentException().isThrownBy(() -> CallMatcher.rpc("Vershun"));
  }

  @Test
  void aPodsNameIsFoundWhereverItsConfigIs() {
    assertThat(CallMatcher.any().forPod("web")).accepts(run, create).rejects(pull);
    assertThat(CallMatcher.any().forPod("we")).rejects(run, create, pull);
  }

  @Test
  void theSubjectOfACallIsItsFirstIdOrImageOrItsPod() {
    assertThat(run.subject()).isEqualTo("web");
    assertThat(create.subject()).isEqualTo("0123");
    assertThat(pull.subject()).isEqualTo("busybox");
    assertThat(CallMatcher.any().about("0123")).accepts(create).rejects(run, pull);
  }

  @Test
  void endedWithMatchesTheStatus() {
    assertThat(CallMatcher.any().endedWith(Code.OK)).rejects(run);
    run.end(RpcStatus.OK);
    assertThat(CallMatcher.any().endedWith(Code.OK)).accepts(run);
    assertThat(CallMatcher.any().endedWith(Code.ABORTED)).rejects(run);
  }

  @Test
  void withRequestMatchesTheRequest() {
    CallMatcher inDefault =
        CallMatcher.any()
            .withRequest(
                RunPodSandboxRequest.class,
                request -> request.getConfig().getMetadata().getNamespace().equals("default"));

    assertThat(inDefault).accepts(run).rejects(create, pull);
  }

  @Test
  void conditionsAreCombinedAndDescribed() {
    CallMatcher matcher =
        CallMatcher.rpc("RunPodSandbox").at("vm").forPod("web").where("with luck", call -> false);

    assertThat(matcher).rejects(run).hasToString("RunPodSandbox at vm for pod web with luck");
  }
}
