package io.crirouter.examples.criproxy.handover;

import io.crirouter.examples.criproxy.admin.AdminSocket;
import io.crirouter.examples.criproxy.handover.HandOverMessage.Kind;
import io.crirouter.examples.criproxy.service.ProxyService;
import io.crirouter.examples.criproxy.service.ServicePart;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Lets a successor take the place of this proxy. */
public final class HandOver implements ServicePart {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  private final CompletableFuture<Long> successor = new CompletableFuture<>();
  private @Nullable ProxyService service;
  private @Nullable Session session;

  /** Offers it at the admin socket of a proxy that is about to start. */
  public HandOver(AdminSocket admin) {
    admin.converse(HandOverMessage.RPC, this::converse);
  }

  @Override
  public synchronized void start(ProxyService started) {
    service = started;
  }

  /** Completes with the process id of the successor when that serves. */
  public CompletionStage<Long> successor() {
    return successor;
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
      service().giveWay(() -> send(HandOverMessage.of(Kind.RELEASED)));
      HandOver.this.successor.complete(pid);
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
