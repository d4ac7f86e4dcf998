package io.crirouter.core.internal.routing;

import static java.util.stream.Collectors.joining;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.Cancellable;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.Scheduler;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Kind;
import io.crirouter.core.internal.schema.Rpcs;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * Removes a secondary from the router: if it has no pods, as soon as it has none, or by force. It
 * gets no new pods while its pods are listed, or while it waits for their end.
 */
public final class BackendRemoval {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final int MAX_EXAMPLES = 4;

  /** How often one that has pods is looked at again; by memory, no runtime is asked. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final Backends backends;
  private final Scheduler scheduler;

  /** Removes some of these backends. */
  public BackendRemoval(Backends backends, Scheduler scheduler) {
    this.backends = backends;
    this.scheduler = scheduler;
  }

  /** Removes a backend without pods; the stage fails with an {@link RpcException} otherwise. */
  public CompletionStage<Void> whenEmpty(BackendName name) {
    return removal(name, backend -> whenEmpty(backend, () -> true));
  }

  /** Removes a backend as soon as it has no pods. */
  public CompletionStage<Void> onceEmpty(BackendName name) {
    return removal(
        name,
        backend -> {
          CompletableFuture<Void> removal = backend.admission().drain();
          lookAt(backend, removal);
          return removal.minimalCompletionStage();
        });
  }

  /** Removes a backend, with or without pods. */
  public CompletionStage<Void> byForce(BackendName name) {
    return removal(
        name,
        backend -> {
          remove(backend, "by force");
          return CompletableFuture.completedFuture(null);
        });
  }

  private CompletionStage<Void> removal(
      BackendName name, Function<Backend, CompletionStage<Void>> start) {
    Backend backend = backends.findAny(name);
    if (backend == null) {
      String unknown =
          String.format("there is no runtime %s to remove; configured: %s", name, backends.names());
      return CompletableFuture.failedFuture(new RpcException(Code.NOT_FOUND, unknown));
    }
    return backend.isPrimary()
        ? refused("runtime " + name + " is the primary, which cannot be removed")
        : start.apply(backend);
  }

  private static CompletionStage<Void> refused(String why) {
    return CompletableFuture.failedFuture(refusal(why));
  }

  private static RpcException refusal(String why) {
    return new RpcException(Code.FAILED_PRECONDITION, why);
  }

  /** Takes {@link #onceEmpty} back; false if it was not asked for, or is over. */
  public boolean keep(BackendName name) {
    Backend backend = backends.findAny(name);
    CompletableFuture<Void> removal = backend == null ? null : backend.admission().endDrain();
    return removal != null && removal.cancel(false);
  }

  private void lookAt(Backend backend, CompletableFuture<Void> removal) {
    if (backend.isRemoved()) {
      removal.complete(null);
    } else if (!removal.isDone() && !backend.watch().isClosed()) {
      if (reasonToKeep(backend).isEmpty()) {
        CompletionStage<Void> unused =
            whenEmpty(backend, () -> backend.admission().settleDrain(removal))
                .whenComplete(
                    (done, refusal) -> {
                      if (backend.isRemoved()) {
                        removal.complete(null);
                      } else {
                        lookLater(backend, removal);
                      }
                    });
      } else {
        lookLater(backend, removal);
      }
    }
  }

  private void lookLater(Backend backend, CompletableFuture<Void> removal) {
    Cancellable unused = scheduler.schedule(LOOK_AGAIN, () -> lookAt(backend, removal));
  }

  /** Removes a backend without pods, unless {@code isWanted} is false in the end. */
  private CompletionStage<Void> whenEmpty(Backend backend, BooleanSupplier isWanted) {
    if (!backend.admission().close()) {
      return refused(
          "runtime " + backend.name() + " is just being asked whether it can be removed");
    }
    CompletableFuture<Void> removal = new CompletableFuture<>();
    if (backend.health().isReady()) {
      backend
          .queries()
          .ask(
              Rpcs.LIST_POD_SANDBOX,
              ByteString.EMPTY,
              answer -> decide(backend, whyNotListed(answer), isWanted, removal));
    } else {
      decide(backend, "", isWanted, removal);
    }
    return removal;
  }

  /** Why the last known state is not as new as possible; empty if it is. */
  private static String whyNotListed(BackendResponse answer) {
    return answer.isOk() || answer.status().isUnreachable()
        ? ""
        : String.format(
            "runtime %s does not say which pods it has: %s; try again, or remove it by force",
            answer.backend(), answer.status());
  }

  /** Removes the backend, or keeps it, which accepts new pods again. */
  private void decide(
      Backend backend,
      String whyNotListed,
      BooleanSupplier isWanted,
      CompletableFuture<Void> removal) {
    String reason = whyNotListed.isEmpty() ? reasonToKeep(backend) : whyNotListed;
    if (reason.isEmpty() && !isWanted.getAsBoolean()) {
      reason = "the removal of runtime " + backend.name() + " was taken back";
    }
    if (reason.isEmpty()) {
      remove(backend, "with no pods");
    } else {
      backend.admission().reopen();
    }
    if (backend.isRemoved()) {
      removal.complete(null);
    } else {
      removal.completeExceptionally(refusal(reason));
    }
  }

  private static String reasonToKeep(Backend backend) {
    if (backend.isLost() && !backend.inventory().isKnown(Kind.POD_SANDBOX)) {
      return String.format(
          "runtime %s is not reachable and has never listed its pods: wait until it is, or"
              + " remove it by force",
          backend);
    }
    List<String> ids = backend.inventory().sandboxIds();
    int coming = backend.admission().underWay();
    int uncertain = backend.inventory().uncertainCreations();
    return ids.isEmpty() && coming == 0 && uncertain == 0
        ? ""
        : String.format(
            "runtime %s has %d pod sandboxes%s, %d that are being created and %d that may have been"
                + " created: remove the pods first, or remove the runtime by force, after which"
                + " they are no longer listed but may still run",
            backend, ids.size(), examples(backend, ids), coming, uncertain);
  }

  private static String examples(Backend backend, List<String> ids) {
    if (ids.isEmpty()) {
      return "";
    }
    String first =
        ids.stream().limit(MAX_EXAMPLES).map(backend::clientIdForPeople).collect(joining(", "));
    return " (" + first + (ids.size() > MAX_EXAMPLES ? ", ...)" : ")");
  }

  private void remove(Backend backend, String how) {
    if (backends.remove(backend)) {
      LOG.log(System.Logger.Level.INFO, "runtime {0} was removed {1}", backend, how);
    }
  }
}
