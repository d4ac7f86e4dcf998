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

/** Takes the place of a proxy that runs. */
public final class TakeOver implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** A node may be busy just then, and the proxy that runs goes on meanwhile. */
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(20);

  private final AdminClient admin;
  private final CompletableFuture<HandOverMessage> followed = new CompletableFuture<>();
  private final CompletableFuture<Boolean> released = new CompletableFuture<>();
  private final CompletableFuture<CriRouter> router = new CompletableFuture<>();
  private final StreamObserver<HandOverMessage> predecessor;
  private boolean isOver;

  private TakeOver(AdminClient admin) {
    this.admin = admin;
    this.predecessor = admin.converse(HandOverMessage.RPC, new Answers());
  }

  /**
   * Asks the proxy that runs to be told of all that changes from now on.
   *
   * @param socket its admin socket
   * @return empty if no proxy runs there
   * @throws IOException if it cannot hand over; the message says why
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
      return emptyIfNobodyIsThere(socket, e.getCause());
    }
  }

  private static Optional<TakeOver> emptyIfNobodyIsThere(Path socket, @Nullable Throwable failure)
      throws IOException {
    if (failure instanceof StatusRuntimeException e) {
      Code code = e.getStatus().getCode();
      if (code == Code.UNAVAILABLE) {
        return Optional.empty();
      }
      String why =
          code == Code.UNIMPLEMENTED
              ? "it is of a version that cannot hand over; stop it first"
              : String.valueOf(e.getStatus().getDescription());
      throw new IOException("cannot take over from the proxy at " + socket + ": " + why, e);
    }
    throw new IOException("cannot take over from the proxy at " + socket, failure);
  }

  /** Where the predecessor listens. */
  public Path listen() {
    return Path.of(String.valueOf(followed.join().text()));
  }

  /** The router that is to know all that changes. */
  public void follow(CriRouter ours) {
    router.complete(ours);
  }

  /**
   * Tells the predecessor that we serve, and waits until it writes no state any more. One that has
   * ended meanwhile, or hangs, writes none either.
   */
  public void serving() throws InterruptedException {
    send(HandOverMessage.of(Kind.SERVING));
    try {
      boolean isReleased = released.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
      LOG.log(
          System.Logger.Level.INFO,
          isReleased ? "taken over" : "the proxy before has ended meanwhile");
    } catch (TimeoutException | ExecutionException e) {
      LOG.log(System.Logger.Level.WARNING, "the proxy before does not answer: serving without it");
    }
  }

  private synchronized void send(HandOverMessage message) {
    if (!isOver) {
      predecessor.onNext(message);
    }
  }

  private void changed(long number) {
    var unused =
        router
            .thenCompose(CriRouter::refresh)
            .thenRun(() -> send(HandOverMessage.of(Kind.KNOWN, number)));
  }

  private void over(@Nullable Throwable failure) {
    synchronized (this) {
      isOver = true;
    }
    followed.completeExceptionally(
        failure == null ? new IOException("it ended the conversation") : failure);
    released.complete(false);
    var unused = router.thenCompose(CriRouter::refresh);
  }

  /** Lets go of the predecessor. */
  @Override
  public void close() {
    synchronized (this) {
      isOver = true;
    }
    router.cancel(false);
    admin.close();
  }

  private final class Answers implements StreamObserver<HandOverMessage> {
    @Override
    public void onNext(HandOverMessage message) {
      switch (message.kind()) {
        case FOLLOWED -> followed.complete(message);
        case CHANGED -> changed(message.number());
        case RELEASED -> released.complete(true);
        default -> LOG.log(System.Logger.Level.WARNING, "unexpected: {0}", message);
      }
    }

    @Override
    public void onError(Throwable failure) {
      over(failure);
    }

    @Override
    public void onCompleted() {
      over(null);
    }
  }
}
