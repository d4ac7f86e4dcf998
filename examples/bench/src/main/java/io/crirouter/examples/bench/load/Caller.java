package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A client on one socket. Its measuring methods are called by one thread at a time. */
final class Caller implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;

  private final ManagedChannel channel;

  Caller(Path socket, EventLoopGroup loop) {
    channel = Sockets.channelTo(socket, loop).build();
  }

  /** One call, the answer of which is wanted. */
  ByteString call(String rpc, ByteString request) {
    ByteString[] answer = {ByteString.EMPTY};
    Waiting<ByteString> waiting = new Waiting<>(message -> answer[0] = message);
    start(RawBytes.method(CriMethod.of(rpc).path("v1")), request, waiting);
    waiting.await();
    return answer[0];
  }

  /** One call after the other, each waited for by the calling thread as a kubelet would. */
  Sample oneByOne(String rpc, List<ByteString> requests, Duration time) {
    return paced(rpc, requests, time, Duration.ZERO);
  }

  /** The same with a fixed time between the beginnings of calls. */
  Sample paced(String rpc, List<ByteString> requests, Duration time, Duration interval) {
    MethodDescriptor<ByteString, Integer> method = RawBytes.sizeOnly(CriMethod.of(rpc).path("v1"));
    Sample sample = new Sample();
    long begin = System.nanoTime();
    long due = begin;
    for (int i = 0; System.nanoTime() - begin < time.toNanos(); i++) {
      while (due - System.nanoTime() > 0) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      due += interval.toNanos();
      long start = System.nanoTime();
      Waiting<Integer> waiting = new Waiting<>(size -> {});
      start(method, requests.get(i % requests.size()), waiting);
      waiting.await();
      sample.add(System.nanoTime() - start);
    }
    return sample.over(System.nanoTime() - begin);
  }

  /** Keeps {@code inFlight} calls under way; the end of one starts the next on the same thread. */
  Sample manyAtOnce(String rpc, List<ByteString> requests, Duration time, int inFlight) {
    MethodDescriptor<ByteString, Integer> method = RawBytes.sizeOnly(CriMethod.of(rpc).path("v1"));
    Sample sample = new Sample();
    long begin = System.nanoTime();
    Lanes lanes = new Lanes(method, requests, sample, begin + time.toNanos(), inFlight);
    for (int i = 0; i < inFlight; i++) {
      lanes.next();
    }
    lanes.await();
    return sample.over(System.nanoTime() - begin);
  }

  private <T> void start(
      MethodDescriptor<ByteString, T> method, ByteString request, ClientCall.Listener<T> listener) {
    ClientCall<ByteString, T> call =
        channel.newCall(
            method, CallOptions.DEFAULT.withDeadlineAfter(LIMIT_SECONDS, TimeUnit.SECONDS));
    call.start(listener, new Metadata());
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  /** Parks the thread that made it until the call is over. */
  private static final class Waiting<T> extends ClientCall.Listener<T> {
    private final Thread caller = Thread.currentThread();
    private final Consumer<T> whenAnswered;
    private volatile @Nullable Status status;

    Waiting(Consumer<T> whenAnswered) {
      this.whenAnswered = whenAnswered;
    }

    @Override
    public void onMessage(T message) {
      whenAnswered.accept(message);
    }

    @Override
    public void onClose(Status end, Metadata trailers) {
      status = end;
      LockSupport.unpark(caller);
    }

    void await() {
      Status end = status;
      while (end == null) {
        LockSupport.park(this);
        end = status;
      }
      if (!end.isOk()) {
        throw end.asRuntimeException();
      }
    }
  }

  /**
   * A number of calls that follow upon each other; all of it happens on the client's one thread.
   */
  private final class Lanes {
    private final MethodDescriptor<ByteString, Integer> method;
    private final List<ByteString> requests;
    private final Sample sample;
    private final long deadline;
    private final CountDownLatch open;
    private final AtomicReference<@Nullable Status> failure = new AtomicReference<>();
    private int started;

    Lanes(
        MethodDescriptor<ByteString, Integer> method,
        List<ByteString> requests,
        Sample sample,
        long deadline,
        int inFlight) {
      this.method = method;
      this.requests = requests;
      this.sample = sample;
      this.deadline = deadline;
      this.open = new CountDownLatch(inFlight);
    }

    synchronized void next() {
      long start = System.nanoTime();
      if (start - deadline >= 0) {
        open.countDown();
        return;
      }
      ByteString request = requests.get(started++ % requests.size());
      start(
          method,
          request,
          new ClientCall.Listener<>() {
            @Override
            public void onClose(Status status, Metadata trailers) {
              ended(System.nanoTime() - start, status);
            }
          });
    }

    private synchronized void ended(long nanos, Status status) {
      if (status.isOk()) {
        sample.add(nanos);
        next();
      } else {
        failure.set(status);
        open.countDown();
      }
    }

    void await() {
      try {
        open.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      Status failed = failure.get();
      if (failed != null) {
        throw failed.asRuntimeException();
      }
    }
  }
}
