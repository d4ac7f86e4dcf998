package io.crirouter.core.internal.backend;

import com.google.protobuf.ByteString;
import io.crirouter.core.ForwardingListener;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.internal.inventory.SavedState;
import org.jspecify.annotations.Nullable;

/**
 * Delivers the response to a creation only after the created object is saved. A router that is
 * killed right after the kubelet got the response must know the pod after its restart, even if the
 * pod's runtime is not reachable then. Unary calls only.
 */
final class DeliverAfterSaving extends ForwardingListener {
  private final SavedState state;
  private @Nullable RpcStatus end;
  private boolean isSaving;

  DeliverAfterSaving(SavedState state, ResponseListener client) {
    super(client);
    this.state = state;
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
