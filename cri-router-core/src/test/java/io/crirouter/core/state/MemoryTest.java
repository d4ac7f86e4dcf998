package io.crirouter.core.state;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.Scheduler;
import io.crirouter.core.StateStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MemoryTest {
  private final Deque<Runnable> planned = new ArrayDeque<>();
  private final List<ByteString> saved = new ArrayList<>();
  private final Memory memory = new Memory(new Saved(), new Planner());

  private final class Saved implements StateStore {
    @Override
    public Optional<ByteString> load() {
      return Optional.empty();
    }

    @Override
    public void save(ByteString state) {
      saved.add(state);
    }
  }

  private final class Planner implements Scheduler {
    @Override
    public long nanoTime() {
      return 0;
    }

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public Runnable schedule(Duration delay, Runnable task) {
      planned.add(task);
      return () -> planned.remove(task);
    }
  }

  @Test
  void aPartMayWaitForAThreadThatReportsAChangeWhileItIsAsked() {
    memory.register(
        "part",
        () -> {
          CompletableFuture.runAsync(memory::changed).orTimeout(10, TimeUnit.SECONDS).join();
          return ByteString.EMPTY;
        });
    memory.changed();

    planned.remove().run();

    assertThat(saved).hasSize(1);
    assertThat(planned).as("the change is saved later").hasSize(1);
  }

  @Test
  void severalChangesAreOneWrite() {
    memory.register("part", () -> ByteString.copyFromUtf8("content"));
    memory.changed();
    memory.changed();

    assertThat(planned).hasSize(1);
    planned.remove().run();
    assertThat(saved).singleElement().matches(state -> state.toStringUtf8().contains("content"));
  }

  @Test
  void whatIsUnsavedWhenItIsClosedIsSavedAndNothingLater() {
    memory.register("part", () -> ByteString.copyFromUtf8("content"));
    memory.changed();

    memory.close();
    assertThat(saved).hasSize(1);
    planned.remove().run();
    memory.changed();

    assertThat(saved).as("the next router's state is not written over").hasSize(1);
    assertThat(planned).isEmpty();
  }
}
