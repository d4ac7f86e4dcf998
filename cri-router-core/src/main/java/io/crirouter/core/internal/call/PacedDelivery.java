package io.crirouter.core.internal.call;

import com.google.protobuf.ByteString;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeCall;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Delivers messages to a listener as it requests them, then the end. Messages may come from any
 * thread; they are delivered one at a time. Thread-safe.
 */
public final class PacedDelivery {
  private final ResponseListener listener;
  private final Deque<Item> waiting = new ArrayDeque<>();
  private @Nullable RpcStatus end;
  private long demand;
  private long heldBytes;
  private boolean delivering;
  private boolean closed;

  /** A message, and what to run after its delivery. */
  private record Item(ByteString message, Runnable whenTaken) {}

  /** Delivers to {@code listener}. */
  public PacedDelivery(ResponseListener listener) {
    this.listener = listener;
  }

  /** A call that has been answered with {@code messages}. */
  public static RuntimeCall of(List<ByteString> messages, ResponseListener listener) {
    PacedDelivery delivery = new PacedDelivery(listener);
    delivery.add(messages);
    delivery.end(RpcStatus.OK);
    return new RuntimeCall() {
      @Override
      public void request(int count) {
        delivery.request(count);
      }

      @Override
      public long heldBytes() {
        return delivery.heldBytes();
      }

      @Override
      public void cancel(String reason) {}
    };
  }

  /** The listener requests {@code count} more messages. */
  public void request(int count) {
    synchronized (this) {
      demand += count;
    }
    deliver();
  }

  /** The bytes of the messages that wait. */
  public synchronized long heldBytes() {
    return heldBytes;
  }

  /** Adds messages at the end. */
  public void add(List<ByteString> messages) {
    messages.forEach(message -> add(message, () -> {}));
  }

  /** Adds a message at the end; {@code whenTaken} runs after its delivery. */
  public void add(ByteString message, Runnable whenTaken) {
    synchronized (this) {
      if (end == null) {
        waiting.add(new Item(message, whenTaken));
        heldBytes += message.size();
      }
    }
    deliver();
  }

  /** Ends the call with {@code status} after all messages are delivered. */
  public void end(RpcStatus status) {
    synchronized (this) {
      if (end == null) {
        end = status;
      }
    }
    deliver();
  }

  /** Ends the call with {@code status} at once and drops waiting messages. */
  public void abort(RpcStatus status) {
    synchronized (this) {
      waiting.clear();
      heldBytes = 0;
      end = status;
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
    Item item = null;
    RpcStatus status = null;
    synchronized (this) {
      if (!closed && !waiting.isEmpty() && demand > 0) {
        demand--;
        item = waiting.remove();
        heldBytes -= item.message.size();
      } else if (!closed && waiting.isEmpty() && end != null) {
        closed = true;
        status = end;
      } else {
        delivering = false;
        return false;
      }
    }
    if (item != null) {
      listener.onMessage(item.message);
      item.whenTaken.run();
    } else if (status != null) {
      listener.onClose(status);
    }
    return true;
  }
}
