package io.crirouter.core.internal.call;

import com.google.protobuf.ByteString;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A call whose response is made as a whole: its messages are delivered to the listener as it
 * requests them, one at a time, then the end. Thread-safe.
 */
public final class PacedDelivery implements RuntimeCall {
  private final ResponseListener listener;
  private final Deque<ByteString> waiting = new ArrayDeque<>();
  private @Nullable RpcStatus end;
  private long demand;
  private long heldBytes;
  private boolean delivering;
  private boolean closed;

  /** Delivers to {@code listener}. */
  public PacedDelivery(ResponseListener listener) {
    this.listener = listener;
  }

  /** A call that has been answered with {@code messages}. */
  public static RuntimeCall of(List<ByteString> messages, ResponseListener listener) {
    PacedDelivery delivery = new PacedDelivery(listener);
    delivery.end(messages, RpcStatus.OK);
    return delivery;
  }

  @Override
  public void request(int count) {
    synchronized (this) {
      demand += count;
    }
    deliver();
  }

  @Override
  public synchronized long heldBytes() {
    return heldBytes;
  }

  /** Ends the call with {@code status} after {@code messages}, unless it has an end. */
  public void end(List<ByteString> messages, RpcStatus status) {
    synchronized (this) {
      if (end == null) {
        messages.forEach(this::enqueue);
        end = status;
      }
    }
    deliver();
  }

  private void enqueue(ByteString message) {
    waiting.add(message);
    heldBytes += message.size();
  }

  /** Ends the call at once and drops waiting messages. */
  @Override
  public void cancel(String reason) {
    synchronized (this) {
      waiting.clear();
      heldBytes = 0;
      end = RpcStatus.of(Code.CANCELLED, reason);
    }
    deliver();
  }

  private void deliver() {
    synchronized (this) {
      if (delivering) {
        return;
      }
      delivering = true;
    }
    while (deliverNext()) {}
  }

  /** Delivers one message or the end; false if there is nothing (more) to deliver now. */
  private boolean deliverNext() {
    ByteString message = null;
    RpcStatus status = null;
    synchronized (this) {
      if (!closed && !waiting.isEmpty() && demand > 0) {
        demand--;
        message = waiting.remove();
        heldBytes -= message.size();
      } else if (!closed && waiting.isEmpty() && end != null) {
        closed = true;
        status = end;
      } else {
        delivering = false;
        return false;
      }
    }
    if (message != null) {
      listener.onMessage(message);
    } else if (status != null) {
      listener.onClose(status);
    }
    return true;
  }
}
