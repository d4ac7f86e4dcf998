package io.crirouter.testkit;

import com.google.protobuf.ByteString;
import io.crirouter.core.Rpc;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.Scheduler;
import io.crirouter.core.TypedBackend.Sink;
import io.crirouter.proto.v1.AttachRequest;
import io.crirouter.proto.v1.AttachResponse;
import io.crirouter.proto.v1.ExecRequest;
import io.crirouter.proto.v1.ExecResponse;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ExecSyncResponse;
import io.crirouter.proto.v1.PortForwardRequest;
import io.crirouter.proto.v1.PortForwardResponse;
import java.time.Duration;
import java.util.function.Function;

/** The rpcs Exec, ExecSync, Attach and PortForward. */
final class ExecCalls {
  private final FakeState state;
  private final Scheduler scheduler;
  private final String streamUrlPrefix;
  private volatile Function<ExecSyncRequest, ExecResult> script;
  private int tokens;

  ExecCalls(
      FakeState state,
      Scheduler scheduler,
      String streamUrlPrefix,
      Function<ExecSyncRequest, ExecResult> script) {
    this.state = state;
    this.scheduler = scheduler;
    this.streamUrlPrefix = streamUrlPrefix;
    this.script = script;
  }

  void register(Rpcs rpcs) {
    rpcs.streaming(Rpc.EXEC_SYNC, this::execSync);
    rpcs.unary(Rpc.EXEC, this::exec);
    rpcs.unary(Rpc.ATTACH, this::attach);
    rpcs.unary(Rpc.PORT_FORWARD, this::portForward);
  }

  void setScript(Function<ExecSyncRequest, ExecResult> value) {
    script = value;
  }

  private Runnable execSync(ExecSyncRequest request, Sink<ExecSyncResponse> sink)
      throws RpcException {
    state.change(() -> state.runningContainer(request.getContainerId()));
    ExecResult result = script.apply(request);
    Duration limit = Duration.ofSeconds(request.getTimeout());
    if (!limit.isZero() && result.duration().compareTo(limit) > 0) {
      String message = "the command was killed: it took longer than " + limit.toSeconds() + " s";
      return after(limit, () -> sink.fail(RpcStatus.of(Code.DEADLINE_EXCEEDED, message)));
    }
    return after(result.duration(), () -> answer(result, sink));
  }

  private Runnable after(Duration time, Runnable action) {
    if (time.isZero()) {
      action.run();
      return () -> {};
    }
    return scheduler.schedule(time, action)::cancel;
  }

  private static void answer(ExecResult result, Sink<ExecSyncResponse> sink) {
    ExecSyncResponse response =
        ExecSyncResponse.newBuilder()
            .setStdout(ByteString.copyFromUtf8(result.stdout()))
            .setStderr(ByteString.copyFromUtf8(result.stderr()))
            .setExitCode(result.exitCode())
            .build();
    if (sink.offer(response)) {
      sink.complete();
    }
  }

  private ExecResponse exec(ExecRequest request) throws RpcException {
    requireStreams(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
    state.runningContainer(request.getContainerId());
    return ExecResponse.newBuilder().setUrl(url("exec")).build();
  }

  private AttachResponse attach(AttachRequest request) throws RpcException {
    requireStreams(request.getStdin(), request.getStdout(), request.getStderr(), request.getTty());
    state.runningContainer(request.getContainerId());
    return AttachResponse.newBuilder().setUrl(url("attach")).build();
  }

  private PortForwardResponse portForward(PortForwardRequest request) throws RpcException {
    FakePod pod = state.pod(request.getPodSandboxId());
    if (!pod.isReady()) {
      throw new RpcException(Code.UNKNOWN, "sandbox " + pod.id + " is not running");
    }
    return PortForwardResponse.newBuilder().setUrl(url("portforward")).build();
  }

  private static void requireStreams(boolean stdin, boolean stdout, boolean stderr, boolean tty)
      throws RpcException {
    if (!stdin && !stdout && !stderr) {
      throw new RpcException(Code.INVALID_ARGUMENT, "one of stdin, stdout and stderr must be set");
    }
    if (tty && stderr) {
      throw new RpcException(Code.INVALID_ARGUMENT, "tty and stderr cannot both be set");
    }
  }

  private String url(String kind) {
    return streamUrlPrefix + "/" + kind + "/" + tokens++;
  }
}
