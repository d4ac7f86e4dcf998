package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.inventory.SavedState;
import io.crirouter.core.internal.schema.Schema;
import io.crirouter.proto.routing.Effect;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the response to a creation only after the created object is saved. A router that is
 * killed right after the kubelet got the response must know the pod after its restart, even if the
 * pod's runtime is not reachable then. Unary calls only.
 */
final class DeliverAfterSaving extends ForwardingListener {
  private static final Set<Effect> CREATIONS =
      Set.of(Effect.CREATES_POD_SANDBOX, Effect.RESTORES_POD, Effect.CREATES_CONTAINER);

  private final SavedState state;
  private @Nullable RpcStatus end;
  private boolean isSaving;

  DeliverAfterSaving(SavedState state, ResponseListener client) {
    super(client);
    this.state = state;
  }

  /** Whether an rpc creates something. */
  static boolean isNeeded(CriMethod method) {
    return CREATIONS.contains(Schema.of(method).effect());
  }

  @Override
  public void onMessage(ByteString message) {
    synchronized (this) {
      isSaving = true;
    }
    state.flush(() -> saved(message));
  }

  private void saved(ByteString message) {
    super.onMessage(message);
    RpcStatus status;
    synchronized (this) {
      isSaving = false;
      status = end;
    }
    if (status != null) {
      super.onClose(status);
    }
  }

  @Override
  public void onClose(RpcStatus status) {
    synchronized (this) {
      if (isSaving) {
        end = status;
        return;
      }
    }
    super.onClose(status);
  }
}
