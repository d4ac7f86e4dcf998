package io.crirouter.examples.criproxy.handover;

import io.crirouter.examples.criproxy.admin.AdminRpcs;
import io.crirouter.examples.criproxy.admin.AdminSocket;
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

/** Lets a successor take the place of this proxy. */
public final class HandOver implements ServicePart {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  /** Asks a proxy to start its successor, and waits until that serves. */
  static final MethodDescriptor<Question, Outcome> START_SUCCESSOR =
      AdminRpcs.unary("StartSuccessor", Question.class, Outcome.class);

  /** Starting, connecting to runtimes that are slow, and more. */
  static final Duration START_LIMIT = Duration.ofSeconds(60);

  /** What it takes to end a successor that is given up, and to answer. */
  private static final Duration ANSWER_TIME = Duration.ofSeconds(5);

  private final List<String> arguments;
  private final Systemd systemd;
  private final CompletableFuture<Long> successor = new CompletableFuture<>();
  private final CompletableFuture<Void> deserted = new CompletableFuture<>();
  private @Nullable ProxyService service;
  private @Nullable Session session;

  /** There is nothing to say. */
  record Question() {}

  /**
   * What has become of a successor.
   *
   * @param isDone whether it serves
   * @param message the same for people
   */
  record Outcome(boolean isDone, String message) {}

  /**
   * Offers it at the admin socket of a proxy that is about to start.
   *
   * @param arguments of this process, for a successor
   * @param systemd hears of a successor
   */
  public HandOver(AdminSocket admin, List<String> arguments, Systemd systemd) {
    this.systemd = systemd;
    this.arguments = List.copyOf(arguments);
    admin.converse(HandOverMessage.RPC, this::converse);
    admin.serve(START_SUCCESSOR, question -> startSuccessor());
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

  /** Waits for the one or the other end. */
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
    LOG.log(System.Logger.Level.ERROR, "not handed over, serving on: {0}", why);
    return new Outcome(false, "not handed over: " + why + "; the log of criproxy says more");
  }

  @Override
  public synchronized void start(ProxyService started) {
    service = started;
  }

  /** Completes with the process id of the successor when that serves. */
  public CompletionStage<Long> successor() {
    return successor;
  }

  /**
   * Completes when the successor has ended and nobody serves in its place. systemd does not notice
   * that before this process has ended too, and then starts the service again.
   */
  public CompletionStage<Void> deserted() {
    return deserted;
  }

  /** Whether the last of all that have taken over was killed, as far as its socket tells. */
  public boolean isSuccessorKilled() {
    return SuccessorWatch.isLeftBehind(service().config().listen());
  }

  private StreamObserver<HandOverMessage> converse(StreamObserver<HandOverMessage> successor) {
    return new Session(successor);
  }

  private synchronized boolean begin(Session asking) {
    if (session != null || service == null || successor.isDone()) {
      return false;
    }
    session = asking;
    return true;
  }

  private synchronized boolean isActive(Session asking) {
    return session == asking;
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

  /** The conversation with one successor. */
  private final class Session implements StreamObserver<HandOverMessage> {
    private final StreamObserver<HandOverMessage> client;

    /** What waits until the successor knows a change, by the number of the change. */
    private final TreeMap<Long, Runnable> waiting = new TreeMap<>();

    private long changes;
    private boolean isOver;
    private long pid;

    Session(StreamObserver<HandOverMessage> client) {
      this.client = client;
    }

    @Override
    public void onNext(HandOverMessage message) {
      switch (message.kind()) {
        case FOLLOW -> follow(message.number());
        case KNOWN -> known(message.number());
        case SERVING -> serving();
        default -> refuse("unexpected " + message.kind());
      }
    }

    private void follow(long process) {
      if (!begin(this)) {
        refuse("another proxy is just taking over");
        return;
      }
      pid = process;
      LOG.log(
          System.Logger.Level.INFO,
          "process {0} is getting ready to take over",
          Long.toString(process));
      service().state().ifPresent(state -> state.follow(this::tell));
      String socket = service().config().listen().toString();
      send(new HandOverMessage(Kind.FOLLOWED, 0, socket));
    }

    private void refuse(String why) {
      synchronized (this) {
        isOver = true;
      }
      client.onError(Status.FAILED_PRECONDITION.withDescription(why).asRuntimeException());
    }

    private synchronized void send(HandOverMessage message) {
      if (!isOver) {
        client.onNext(message);
      }
    }

    private void tell(Runnable whenKnown) {
      synchronized (this) {
        if (!isOver) {
          changes++;
          waiting.put(changes, whenKnown);
          client.onNext(HandOverMessage.of(Kind.CHANGED, changes));
          return;
        }
      }
      whenKnown.run();
    }

    private void known(long number) {
      Map<Long, Runnable> known;
      synchronized (this) {
        known = new TreeMap<>(waiting.headMap(number, true));
        waiting.headMap(number, true).clear();
      }
      known.values().forEach(Runnable::run);
    }

    private void serving() {
      if (!isActive(this)) {
        refuse("unexpected SERVING");
        return;
      }
      LOG.log(
          System.Logger.Level.INFO,
          "process {0} has taken over: finishing the calls that run here",
          Long.toString(pid));
      systemd.mainProcess(pid);
      service().giveWay(() -> send(HandOverMessage.of(Kind.RELEASED)));
      successor.complete(pid);
      var unused =
          SuccessorWatch.end(pid, service().config().listen())
              .thenRun(() -> deserted.complete(null));
    }

    @Override
    public void onError(Throwable failure) {
      onCompleted();
    }

    @Override
    public void onCompleted() {
      synchronized (this) {
        isOver = true;
      }
      if (end(this)) {
        service().state().ifPresent(state -> state.follow(null));
        known(Long.MAX_VALUE);
        if (!successor.isDone()) {
          LOG.log(
              System.Logger.Level.WARNING,
              "process {0} has ended before it took over: serving on",
              Long.toString(pid));
        }
      }
    }
  }
}
