package io.crirouter.core.owners;

import com.google.protobuf.ByteString;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.Scheduler;
import io.crirouter.core.lastknown.CallObserver;
import io.crirouter.core.lastknown.LastKnown;
import io.crirouter.core.state.Memory;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.proto.routing.Reference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Whose every pod sandbox and container is, learned from all answers that pass: creations, lists,
 * events. It survives a restart of the router. Thread-safe.
 *
 * <p>A list that passes costs a reference. It is read when somebody asks for an owner, or a second
 * later together with those that came meanwhile; a complete list makes older ones needless.
 */
public final class Owners {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final Duration READ_AFTER = Duration.ofSeconds(1);
  private static final int MAX_UNREAD = 64;

  /** Backends that were taken out of the configuration count too. */
  private static final int MAX_KEPT_OWNERS = 64;

  private final Set<BackendName> configured = ConcurrentHashMap.newKeySet();
  private final Memory memory;
  private final Scheduler scheduler;
  private final Map<Reference, OwnerTable> tables =
      Map.of(Reference.POD_SANDBOX_ID, new OwnerTable(), Reference.CONTAINER_ID, new OwnerTable());
  private final UnreadLists unread = new UnreadLists();
  private final Alarms alarms = new Alarms();
  private long numbers;
  private boolean readingPlanned;
  private boolean unsaved;

  /** The owners among these backends; begins with what {@code memory} has. */
  public Owners(Collection<BackendName> configured, Memory memory, Scheduler scheduler) {
    this.configured.addAll(configured);
    this.memory = memory;
    this.scheduler = scheduler;
    ByteString remembered = memory.register(KeptOwners.PART, this::remember);
    if (remembered != null) {
      restore(remembered);
    }
  }

  /** What an id, or the beginning of one, stands for now. */
  public Resolution resolve(Reference kind, String id) {
    Resolution resolution;
    synchronized (this) {
      readLists();
      resolution = table(kind).resolve(id);
    }
    followUp();
    return resolution;
  }

  /**
   * Whether all that a backend has is known: it has been listed since it was connected last and has
   * not more than can be kept.
   */
  public synchronized boolean isComplete(Reference kind, BackendName backend) {
    readLists();
    return table(kind).of(backend).isComplete();
  }

  /** Whether all that a backend had at some time is known, be it from before a restart. */
  public synchronized boolean isKnown(Reference kind, BackendName backend) {
    readLists();
    return table(kind).of(backend).isKnown();
  }

  /** A backend is (again) part of the router; what it says counts before what others said. */
  public void joined(BackendName backend) {
    configured.add(backend);
  }

  /** A backend was removed. What it had stays known, so that nobody else is asked for it. */
  public void left(BackendName backend) {
    synchronized (this) {
      readLists();
      configured.remove(backend);
      tables.values().forEach(table -> table.limit(MAX_KEPT_OWNERS, configured));
      unsaved = true;
    }
    followUp();
  }

  /** The connection to a backend is gone: what it has then must be listed anew. */
  public synchronized void disconnected(BackendName backend) {
    readLists();
    tables.values().forEach(table -> table.of(backend).disconnected());
  }

  /** Learns from a call of a backend that is about to be sent. */
  public CallObserver observe(BackendName backend, CriMethod method, ByteString request) {
    Telling telling = Telling.of(method);
    if (telling instanceof Telling.Lists lists) {
      boolean complete = LastKnown.isUnfiltered(request);
      return new ListObserver(backend, lists, complete, nextNumber(), this::listed);
    }
    if (telling instanceof Telling.Names names) {
      return onAnswer(message -> heard(backend, names, message));
    }
    if (telling instanceof Telling.Removes removes) {
      return onAnswer(message -> removed(backend, removes, request));
    }
    return CallObserver.NOTHING;
  }

  private static CallObserver onAnswer(Consumer<ByteString> action) {
    return new CallObserver() {
      @Override
      public void onMessage(ByteString message) {
        action.accept(message);
      }
    };
  }

  private OwnerTable table(Reference kind) {
    OwnerTable table = tables.get(kind);
    if (table == null) {
      throw new IllegalArgumentException(kind + " is no kind of ids");
    }
    return table;
  }

  private synchronized long nextNumber() {
    return ++numbers;
  }

  private void heard(BackendName backend, Telling.Names names, ByteString message) {
    Map<Reference, Set<String>> ids;
    try {
      ids = names.ids(message);
    } catch (MalformedMessageException e) {
      alarms.malformed(backend, e);
      return;
    }
    synchronized (this) {
      long number = ++numbers;
      ids.forEach(
          (kind, named) ->
              named.forEach(
                  id -> {
                    if (table(kind).of(backend).heardOf(id, number)) {
                      isNew(kind, backend, id);
                    }
                  }));
    }
    followUp();
  }

  private void removed(BackendName backend, Telling.Removes removes, ByteString request) {
    String id;
    try {
      id = removes.field().read(request);
    } catch (RpcException | MalformedMessageException e) {
      // The runtime understood it in its own way; its next list tells.
      return;
    }
    synchronized (this) {
      readLists();
      table(removes.kind()).of(backend).removed(id, ++numbers, scheduler.nanoTime());
      unsaved = true;
    }
    followUp();
  }

  private void listed(UnreadLists.Answer answer) {
    boolean plan;
    synchronized (this) {
      unread.add(answer);
      if (unread.size() > MAX_UNREAD) {
        readLists();
      }
      plan = !readingPlanned;
      readingPlanned = true;
    }
    if (plan) {
      Runnable unused = scheduler.schedule(READ_AFTER, this::readPlanned);
    }
  }

  private void readPlanned() {
    synchronized (this) {
      readingPlanned = false;
      readLists();
    }
    followUp();
  }

  /** Within the lock. */
  private void readLists() {
    long now = scheduler.nanoTime();
    tables.values().forEach(table -> table.expire(now));
    for (UnreadLists.Answer answer : unread.takeAll()) {
      try {
        read(answer, now);
      } catch (MalformedMessageException e) {
        alarms.malformed(answer.backend(), e);
      }
    }
  }

  private void read(UnreadLists.Answer answer, long now) throws MalformedMessageException {
    Reference kind = answer.lists().kind();
    BackendName backend = answer.backend();
    Set<String> ids = answer.lists().ids(answer.message());
    Holding holding = table(kind).of(backend);
    List<String> news;
    if (answer.complete()) {
      Holding.Changes changes = holding.listedAll(ids, answer.asked(), now);
      news = changes.news();
      unsaved |= !changes.gone().isEmpty();
    } else {
      news = holding.listedSome(ids, answer.asked());
    }
    news.forEach(id -> isNew(kind, backend, id));
  }

  /** A backend has something that it was not known to have; within the lock. */
  private void isNew(Reference kind, BackendName backend, String id) {
    unsaved = true;
    compareClaims(kind, backend, id);
  }

  private void compareClaims(Reference kind, BackendName backend, String id) {
    OwnerTable table = table(kind);
    List<BackendName> others = new ArrayList<>(table.claimants(id));
    others.remove(backend);
    for (BackendName other : others) {
      if (!configured.contains(backend)) {
        table.of(backend).giveUp(id);
      } else if (!configured.contains(other)) {
        // The same runtime under another name, since an id is made once.
        table.of(other).giveUp(id);
      } else {
        alarms.collision(kind, id, other, backend);
      }
    }
  }

  /** What must be done without the lock, for it takes others' locks. */
  private void followUp() {
    boolean save;
    synchronized (this) {
      save = unsaved;
      unsaved = false;
    }
    if (save) {
      memory.changed();
    }
    alarms.ring();
  }

  /** What is kept over a restart. */
  private synchronized ByteString remember() {
    readLists();
    OwnerTable sandboxes = table(Reference.POD_SANDBOX_ID);
    OwnerTable containers = table(Reference.CONTAINER_ID);
    Set<BackendName> owners = new LinkedHashSet<>(sandboxes.owners());
    owners.addAll(containers.owners());
    return KeptOwners.write(
        owners.stream()
            .map(
                owner ->
                    new KeptOwners(
                        owner,
                        sandboxes.of(owner).all(),
                        containers.of(owner).all(),
                        sandboxes.of(owner).allRemoved(),
                        containers.of(owner).allRemoved()))
            .filter(kept -> configured.contains(kept.owner()) || !kept.isEmpty())
            .limit(MAX_KEPT_OWNERS)
            .toList());
  }

  private void restore(ByteString remembered) {
    try {
      long now = scheduler.nanoTime();
      for (KeptOwners kept : KeptOwners.read(remembered)) {
        BackendName owner = kept.owner();
        table(Reference.POD_SANDBOX_ID)
            .of(owner)
            .restore(kept.sandboxes(), kept.removedSandboxes(), now);
        table(Reference.CONTAINER_ID)
            .of(owner)
            .restore(kept.containers(), kept.removedContainers(), now);
        kept.sandboxes().forEach(id -> compareClaims(Reference.POD_SANDBOX_ID, owner, id));
        kept.containers().forEach(id -> compareClaims(Reference.CONTAINER_ID, owner, id));
      }
      alarms.ring();
    } catch (MalformedMessageException | IllegalArgumentException e) {
      LOG.log(
          System.Logger.Level.ERROR,
          "whose ids are whose was lost in the restart; it is learned anew from the runtimes: {0}",
          e.getMessage());
    }
  }
}
