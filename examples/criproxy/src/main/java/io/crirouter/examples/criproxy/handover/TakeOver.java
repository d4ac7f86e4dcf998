package io.crirouter.examples.criproxy.handover;

import io.crirouter.core.CriRouter;
import io.crirouter.examples.criproxy.admin.AdminClient;
import io.crirouter.examples.criproxy.handover.HandOverMessage.Kind;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The successor's side of a hand-over. Thread-safe. */
public final class TakeOver implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** Long, for a busy node: the predecessor serves meanwhile. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);

  private final AdminClient admin;
  private final CompletableFuture<HandOverMessage> followed = new CompletableFuture<>();
  private final CompletableFuture<Boolean> released = new CompletableFuture<>();
  private final CompletableFuture<CriRouter> router = new CompletableFuture<>();
  private final StreamObserver<HandOverMessage> predecessor;
  private boolean isClosed;

  private TakeOver(AdminClient admin) {
    this.admin = admin;
    this.predecessor = admin.openStream(HandOverMessage.RPC, new PredecessorListener());
  }

  /**
   * Subscribes to the changes of the running proxy.
   *
   * @param socket its admin socket
   * @return empty if no proxy listens there
   * @throws IOException if that proxy cannot hand over; the message says why
   */
  public static Optional<TakeOver> begin(Path socket) throws IOException, InterruptedException {
    if (!Files.exists(socket)) {
      return Optional.empty();
    }
    TakeOver takeOver = new TakeOver(AdminClient.connect(socket));
    try {
      takeOver.send(HandOverMessage.of(Kind.FOLLOW, ProcessHandle.current().pid()));
      HandOverMessage unused =
          takeOver.followed.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      return Optional.of(takeOver);
    } catch (TimeoutException e) {
      takeOver.close();
      throw new IOException(
          "cannot take over: the proxy at " + socket + " does not answer; stop it first", e);
    } catch (ExecutionException e) {
      takeOver.close();
      return emptyIfUnavailable(socket, e.getCause());
    }
  }

  private static Optional<TakeOver> emptyIfUnavailable(Path socket, @Nullable Throwable failure)
      throws IOException {
    if (failure instanceof StatusRuntimeException e) {
      Code code = e.getStatus().getCode();
      if (code == Code.UNAVAILABLE) {
        return Optional.empty();
      }
      String why =
          code == Code.UNIMPLEMENTED
              ? "its version cannot hand over; stop it first"
              : String.valueOf(e.getStatus().getDescription());
      throw new IOException("cannot take over from the proxy at " + socket + ": " + why, e);
    }
    throw new IOException("cannot take over from the proxy at " + socket, failure);
  }

  /** The listen socket of the predecessor. */
  public Path listen() {
    return Path.of(String.valueOf(followed.join().text()));
  }

  /** Sets the router of this proxy, which is refreshed at each change. */
  public void follow(CriRouter newRouter) {
    router.complete(newRouter);
  }

  /**
   * Notifies the predecessor that this proxy serves, and waits until it no longer writes state. A
   * predecessor that has ended or hangs is not waited for any longer.
   */
  public void serving() throws InterruptedException {
    send(HandOverMessage.of(Kind.SERVING));
    try {
      boolean isReleased = released.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      LOG.log(
          System.Logger.Level.INFO,
          isReleased ? "taken over" : "the predecessor has ended before it released its state");
    } catch (TimeoutException | ExecutionException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "the predecessor does not answer: serving without waiting for it");
    }
  }

  private synchronized void send(HandOverMessage message) {
    if (!isClosed) {
      predecessor.onNext(message);
    }
  }

  private void changed(long number) {
    var unused =
        router
            .thenCompose(CriRouter::refresh)
            .thenRun(() -> send(HandOverMessage.of(Kind.KNOWN, number)));
  }

  private void ended(@Nullable Throwable failure) {
    synchronized (this) {
      isClosed = true;
    }
    followed.completeExceptionally(
        failure == null ? new IOException("it ended the stream") : failure);
    released.complete(false);
    var unused = router.thenCompose(CriRouter::refresh);
  }

  /** Closes the connection to the predecessor. */
  @Override
  public void close() {
    synchronized (this) {
      isClosed = true;
    }
    router.cancel(false);
    admin.close();
  }

  private final class PredecessorListener implements StreamObserver<HandOverMessage> {
    @Override
    public void onNext(HandOverMessage message) {
      switch (message.kind()) {
        case FOLLOWED -> followed.complete(message);
        case CHANGED -> changed(message.number());
        case RELEASED -> released.complete(true);
        default ->
            LOG.log(
                System.Logger.Level.WARNING, "unexpected message of the predecessor: {0}", message);
      }
    }

    @Override
    public void onError(Throwable failure) {
      ended(failure);
    }

    @Override
    public void onCompleted() {
      ended(null);
    }
  }
}
