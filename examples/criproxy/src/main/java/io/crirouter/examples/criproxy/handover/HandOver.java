package io.crirouter.examples.criproxy.handover;

import io.crirouter.examples.criproxy.admin.AdminRpcs;
import io.crirouter.examples.criproxy.admin.AdminSocket;
import io.crirouter.examples.criproxy.admin.NoArguments;
import io.crirouter.examples.criproxy.handover.HandOverMessage.Kind;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.ServicePart;
import io.crirouter.examples.criproxy.service.Systemd;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** The predecessor's side of a hand-over. Thread-safe. */
public final class HandOver implements ServicePart {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** Starts a successor. Answers when it serves, or has failed. */
  static final MethodDescriptor<NoArguments, Outcome> START_SUCCESSOR =
      AdminRpcs.unary("StartSuccessor", NoArguments.class, Outcome.class);

  /** The timeout of {@link #START_SUCCESSOR}, for a slow start and slow runtimes. */
  static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** The time to kill a successor that is given up, and to answer. */
  private static final Duration ANSWER_TIME = Duration.ofSeconds(5);

  private final List<String> arguments;
  private final Systemd systemd;
  private final CompletableFuture<Long> successor = new CompletableFuture<>();
  private final CompletableFuture<Void> successorLost = new CompletableFuture<>();
  private @Nullable ProxyService service;
  private @Nullable Session session;

  /**
   * The outcome of a hand-over.
   *
   * @param isDone whether the successor serves
   * @param message the outcome as text for operators
   */
  record Outcome(boolean isDone, String message) {}

  /**
   * Serves the rpcs of a hand-over at the admin socket of a proxy that is about to start.
   *
   * @param arguments the command line arguments of this process, for a successor
   * @param systemd is notified of a successor
   */
  public HandOver(AdminSocket admin, List<String> arguments, Systemd systemd) {
    this.systemd = systemd;
    this.arguments = List.copyOf(arguments);
    admin.serveStream(HandOverMessage.RPC, Session::new);
    admin.serve(START_SUCCESSOR, request -> startSuccessor());
  }

  private Outcome startSuccessor() {
    Optional<Path> admin = service().config().adminSocket();
    try {
      Process process = Successor.start(arguments, admin.orElseThrow());
      return outcome(process);
    } catch (IOException e) {
      return failed("cannot start a successor: " + e.getMessage());
    }
  }

  /** Waits until the successor serves, the process exits or the time is over. */
  private Outcome outcome(Process process) {
    long pid = process.pid();
    Duration limit = START_LIMIT.minus(ANSWER_TIME);
    try {
      Object unused =
          CompletableFuture.anyOf(successor, process.onExit())
              .get(limit.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      process.destroyForcibly();
      return failed("process " + pid + " was not ready within " + limit.toSeconds() + " s");
    } catch (ExecutionException e) {
      return failed("process " + pid + " was lost: " + e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return failed("stopping");
    }
    return successor.isDone()
        ? new Outcome(true, "process " + successor.join() + " has taken over")
        : failed("process " + pid + " ended with exit code " + process.exitValue());
  }

  private static Outcome failed(String why) {
    LOG.log(System.Logger.Level.ERROR, "not handed over, still serving: {0}", why);
    return new Outcome(false, "not handed over: " + why + "; see the log of criproxy");
  }

  @Override
  public synchronized void start(ProxyService started) {
    service = started;
  }

  /** Completes with the process id of the successor when it serves. */
  public CompletionStage<Long> successor() {
    return successor;
  }

  /**
   * Completes when the successor has ended and no other proxy serves. systemd notices that only
   * when this process has ended too, and then starts the service again.
   */
  public CompletionStage<Void> successorLost() {
    return successorLost;
  }

  /** Whether the proxy that served last was killed: it has left its socket behind. */
  public boolean isSuccessorKilled() {
    return SuccessorWatch.isStale(service().config().listen());
  }

  private synchronized boolean begin(Session requested) {
    if (session != null || service == null || successor.isDone()) {
      return false;
    }
    session = requested;
    return true;
  }

  private synchronized boolean isActive(Session requested) {
    return session == requested;
  }

  private synchronized boolean end(Session ended) {
    boolean wasActive = session == ended;
    if (wasActive) {
      session = null;
    }
    return wasActive;
  }

  private synchronized ProxyService service() {
    if (service == null) {
      throw new IllegalStateException("the proxy has not started");
    }
    return service;
  }

  /** The stream of one successor. */
  private final class Session implements StreamObserver<HandOverMessage> {
    private final StreamObserver<HandOverMessage> client;

    /** The callbacks of the changes that the successor has not acknowledged, by change number. */
    private final TreeMap<Long, Runnable> unacknowledged = new TreeMap<>();

    private long changes;
    private boolean isClosed;
    private long pid;

    Session(StreamObserver<HandOverMessage> client) {
      this.client = client;
    }

    @Override
    public void onNext(HandOverMessage message) {
      switch (message.kind()) {
        case FOLLOW -> follow(message.number());
        case KNOWN -> acknowledge(message.number());
        case SERVING -> serving();
        default -> refuse("unexpected " + message.kind());
      }
    }

    private void follow(long process) {
      if (!begin(this)) {
        refuse("another proxy is taking over already");
        return;
      }
      pid = process;
      LOG.log(
          System.Logger.Level.INFO,
          "process {0} is preparing to take over",
          Long.toString(process));
      service().state().ifPresent(state -> state.follow(this::notifyChange));
      String socket = service().config().listen().toString();
      send(new HandOverMessage(Kind.FOLLOWED, 0, socket));
    }

    private void refuse(String why) {
      synchronized (this) {
        isClosed = true;
      }
      client.onError(Status.FAILED_PRECONDITION.withDescription(why).asRuntimeException());
    }

    private synchronized void send(HandOverMessage message) {
      if (!isClosed) {
        client.onNext(message);
      }
    }

    private void notifyChange(Runnable whenKnown) {
      synchronized (this) {
        if (!isClosed) {
          changes++;
          unacknowledged.put(changes, whenKnown);
          client.onNext(HandOverMessage.of(Kind.CHANGED, changes));
          return;
        }
      }
      whenKnown.run();
    }

    /** Runs the callbacks of all changes up to {@code number}. */
    private void acknowledge(long number) {
      Map<Long, Runnable> acknowledged;
      synchronized (this) {
        acknowledged = new TreeMap<>(unacknowledged.headMap(number, true));
        unacknowledged.headMap(number, true).clear();
      }
      acknowledged.values().forEach(Runnable::run);
    }

    private void serving() {
      if (!isActive(this)) {
        refuse("unexpected SERVING");
        return;
      }
      LOG.log(
          System.Logger.Level.INFO,
          "process {0} has taken over: finishing the running calls",
          Long.toString(pid));
      systemd.mainProcess(pid);
      service().release(() -> send(HandOverMessage.of(Kind.RELEASED)));
      successor.complete(pid);
      var unused =
          SuccessorWatch.end(pid, service().config().listen())
              .thenRun(() -> successorLost.complete(null));
    }

    @Override
    public void onError(Throwable failure) {
      onCompleted();
    }

    @Override
    public void onCompleted() {
      synchronized (this) {
        isClosed = true;
      }
      if (end(this)) {
        service().state().ifPresent(state -> state.follow(null));
        acknowledge(Long.MAX_VALUE);
        if (!successor.isDone()) {
          LOG.log(
              System.Logger.Level.WARNING,
              "process {0} has ended before it took over: still serving",
              Long.toString(pid));
        }
      }
    }
  }
}
