package io.crirouter.core.merge;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.backend.Backend;
import io.crirouter.core.backend.ForwardingListener;
import io.crirouter.core.state.Memory;
import io.crirouter.core.wire.MalformedMessageException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * UpdateRuntimeConfig: told to all, and once more to each secondary that comes later. A kubelet
 * says the node's pod CIDR once and never repeats it.
 */
public final class RuntimeConfigReplay {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final CriMethod UPDATE = CriMethod.of("UpdateRuntimeConfig");
  private static final Duration REPLAY_LIMIT = Duration.ofSeconds(5);

  private final AskAll everybody;
  private final Memory memory;
  private volatile @Nullable ByteString last;

  /** Tells {@code everybody}; {@code memory} keeps what was said over a restart. */
  public RuntimeConfigReplay(AskAll everybody, Memory memory) {
    this.everybody = everybody;
    this.memory = memory;
    ByteString remembered = memory.register("runtime config", this::remember);
    last = remembered == null || remembered.isEmpty() ? null : remembered;
  }

  private ByteString remember() {
    ByteString config = last;
    return config == null ? ByteString.EMPTY : config;
  }

  /** Starts an UpdateRuntimeConfig call. */
  public RuntimeCall update(CriRequest request, ResponseListener listener)
      throws RpcException, MalformedMessageException {
    return everybody.start(
        request,
        new ForwardingListener(listener) {
          @Override
          public void onClose(RpcStatus status) {
            if (status.isOk()) {
              last = request.message();
              memory.changed();
            }
            super.onClose(status);
          }
        });
  }

  /** Tells a secondary that has come (back) what was said last. */
  public void replay(Backend backend, Runnable next) {
    ByteString config = last;
    if (config == null || backend.isPrimary()) {
      next.run();
      return;
    }
    backend.ask(
        UPDATE,
        config,
        REPLAY_LIMIT,
        answer -> {
          if (!answer.isOk() && !answer.status().isUnimplemented()) {
            LOG.log(
                System.Logger.Level.WARNING,
                "runtime {0} did not take the runtime config that was set before it came: {1}",
                backend,
                answer.status());
          }
          next.run();
        });
  }
}
