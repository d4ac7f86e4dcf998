package io.crirouter.testkit.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import com.google.protobuf.ByteString;
import io.crirouter.core.StateStore;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Saves states in a store and counts the calls of {@code whenSaved}. Thread-safe. */
final class Saves {
  private static final int LIMIT_SECONDS = 30;

  private final StateStore store;
  private final List<Save> saves = new CopyOnWriteArrayList<>();

  Saves(StateStore store) {
    this.store = store;
  }

  private static final class Save implements Runnable {
    private final AtomicInteger notifications = new AtomicInteger();
    private final CountDownLatch first = new CountDownLatch(1);

    @Override
    public void run() {
      notifications.incrementAndGet();
      first.countDown();
    }
  }

  @CanIgnoreReturnValue
  Saves save(ByteString state) {
    Save save = new Save();
    saves.add(save);
    try {
      store.save(state, save);
    } catch (RuntimeException e) {
      fail("StateStore.save must not throw, since it is called on event loops", e);
    }
    return this;
  }

  /** Waits until {@code whenSaved} has run for all of them. */
  void await() {
    for (Save save : saves) {
      try {
        if (!save.first.await(LIMIT_SECONDS, TimeUnit.SECONDS)) {
          fail("whenSaved has not run within " + LIMIT_SECONDS + " s: a pod would wait forever");
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        fail("interrupted while waiting for a save", e);
      }
    }
  }

  void assertEachNotifiedOnce() {
    for (Save save : saves) {
      assertEquals(1, save.notifications.get(), "calls of whenSaved for one save");
    }
  }
}
