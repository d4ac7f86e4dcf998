package io.crirouter.testkit;

import com.google.protobuf.MessageLite;
import io.crirouter.core.Rpc;
import io.crirouter.core.RpcException;
import io.crirouter.core.TypedBackend;
import io.crirouter.core.TypedBackend.Sink;
import io.crirouter.core.TypedBackend.StreamingHandler;
import io.crirouter.core.TypedBackend.UnaryHandler;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/**
 * Registers the rpcs of a {@link FakeRuntime}, except those it lacks, and adapts their responses to
 * its recording.
 */
final class Rpcs {
  private final TypedBackend.Builder backend;
  private final FakeState state;
  private final Set<String> without;
  private final int chunkSize;

  Rpcs(TypedBackend.Builder backend, FakeState state, Set<String> without, int chunkSize) {
    this.backend = backend;
    this.state = state;
    this.without = without;
    this.chunkSize = chunkSize;
  }

  /** Returns the items of a list. */
  interface Lister<Q, T> {
    List<T> list(Q request) throws RpcException;
  }

  /** Registers an rpc whose handler runs under the lock of the state. */
  <Q extends MessageLite, A extends MessageLite> void unary(
      Rpc<Q, A> rpc, UnaryHandler<Q, A> handler) {
    String name = rpc.method().name();
    if (!isLeftOut(rpc)) {
      backend.unary(
          rpc,
          request -> {
            try {
              state.recording.requirePresent(name);
              return state.recording.shaped(name, state.change(() -> handler.handle(request)));
            } catch (RpcException e) {
              throw state.recording.error(name, e);
            }
          });
    }
  }

  /** Registers an rpc whose handler runs without the lock of the state. */
  <Q extends MessageLite, A extends MessageLite> void streaming(
      Rpc<Q, A> rpc, StreamingHandler<Q, A> handler) {
    String name = rpc.method().name();
    if (!isLeftOut(rpc)) {
      backend.streaming(
          rpc,
          (request, sink) -> {
            try {
              state.recording.requirePresent(name);
              return handler.start(request, sink);
            } catch (RpcException e) {
              throw state.recording.error(name, e);
            }
          });
    }
  }

  private boolean isLeftOut(Rpc<?, ?> rpc) {
    return without.contains(rpc.method().name());
  }

  /** Registers a list rpc that streams a snapshot in chunks. */
  <Q extends MessageLite, A extends MessageLite, T> void chunks(
      Rpc<Q, A> rpc, Lister<Q, T> lister, Function<List<T>, A> toChunk) {
    streaming(
        rpc,
        (request, sink) -> {
          List<T> items = state.change(() -> lister.list(request));
          ChunkSender<T, A> sender = new ChunkSender<>(items, chunkSize, toChunk, sink);
          sink.onWritable(sender);
          sender.run();
          return () -> {};
        });
  }

  /** Sends chunks while the sink accepts them. Continues where it stopped when run again. */
  private static final class ChunkSender<T, A extends MessageLite> implements Runnable {
    private final List<T> items;
    private final int chunkSize;
    private final Function<List<T>, A> toChunk;
    private final Sink<A> sink;
    private int sent;

    ChunkSender(List<T> items, int chunkSize, Function<List<T>, A> toChunk, Sink<A> sink) {
      this.items = items;
      this.chunkSize = chunkSize;
      this.toChunk = toChunk;
      this.sink = sink;
    }

    @Override
    public synchronized void run() {
      while (sent < items.size()) {
        int end = Math.min(items.size(), sent + chunkSize);
        if (!sink.offer(toChunk.apply(items.subList(sent, end)))) {
          return;
        }
        sent = end;
      }
      sink.complete();
    }
  }
}
