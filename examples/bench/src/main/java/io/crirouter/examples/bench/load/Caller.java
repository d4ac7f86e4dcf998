package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.examples.bench.Sockets;
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

/** A client of one socket. Used by one thread at a time. */
final class Caller implements AutoCloseable {
  private static final long LIMIT_SECONDS = 30;

  private final ManagedChannel channel;

  Caller(Path socket, EventLoopGroup loop) {
    channel = Sockets.channelTo(socket, loop).build();
  }

  /** Makes one call and returns its answer. */
  ByteString call(String rpc, ByteString request) {
    ByteString[] answer = {ByteString.EMPTY};
    BlockingCall<ByteString> call = new BlockingCall<>(message -> answer[0] = message);
    start(RawBytes.method(CriMethod.of(rpc).path("v1")), request, call);
    call.await();
    return answer[0];
  }

  /** Makes one call after the other. The calling thread waits for each answer, as in a kubelet. */
  Sample oneByOne(String rpc, List<ByteString> requests, Duration time) {
    return paced(rpc, requests, time, Duration.ZERO);
  }

  /** Makes one call after the other, with a fixed interval between their starts. */
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
      BlockingCall<Integer> call = new BlockingCall<>(size -> {});
      start(method, requests.get(i % requests.size()), call);
      call.await();
      sample.add(System.nanoTime() - start);
    }
    return sample.finish(System.nanoTime() - begin);
  }

  /** Keeps {@code inFlight} calls under way. The end of one starts the next on the event loop. */
  Sample manyAtOnce(String rpc, List<ByteString> requests, Duration time, int inFlight) {
    MethodDescriptor<ByteString, Integer> method = RawBytes.sizeOnly(CriMethod.of(rpc).path("v1"));
    Sample sample = new Sample();
    long begin = System.nanoTime();
    ParallelCalls calls =
        new ParallelCalls(method, requests, sample, begin + time.toNanos(), inFlight);
    for (int i = 0; i < inFlight; i++) {
      calls.next();
    }
    calls.await();
    return sample.finish(System.nanoTime() - begin);
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

  /** Parks the thread that made it until the call has ended. */
  private static final class BlockingCall<T> extends ClientCall.Listener<T> {
    private final Thread caller = Thread.currentThread();
    private final Consumer<T> onAnswer;
    private volatile @Nullable Status status;

    BlockingCall(Consumer<T> onAnswer) {
      this.onAnswer = onAnswer;
    }

    @Override
    public void onMessage(T message) {
      onAnswer.accept(message);
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

  /** A fixed number of calls under way, until a deadline. Their events come on one event loop. */
  private final class ParallelCalls {
    private final MethodDescriptor<ByteString, Integer> method;
    private final List<ByteString> requests;
    private final Sample sample;
    private final long deadline;
    private final CountDownLatch running;
    private final AtomicReference<@Nullable Status> failure = new AtomicReference<>();
    private int started;

    ParallelCalls(
        MethodDescriptor<ByteString, Integer> method,
        List<ByteString> requests,
        Sample sample,
        long deadline,
        int inFlight) {
      this.method = method;
      this.requests = requests;
      this.sample = sample;
      this.deadline = deadline;
      this.running = new CountDownLatch(inFlight);
    }

    synchronized void next() {
      long start = System.nanoTime();
      if (start - deadline >= 0) {
        running.countDown();
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
        running.countDown();
      }
    }

    void await() {
      try {
        running.await();
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
