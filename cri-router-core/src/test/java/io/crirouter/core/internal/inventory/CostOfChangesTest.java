package io.crirouter.core.internal.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.sun.management.ThreadMXBean;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ListContainersResponse;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What a change costs does not depend on how much there is, nor what a save costs on how much has
 * changed. Measured in allocated bytes, which are the same on every machine, not in time.
 */
class CostOfChangesTest {
  private static final int CONTAINERS = 5_000;
  private static final int CHANGES = 600;

  /** A parsed entry of a list, and a new one: a few kilobytes. */
  private static final long MAX_BYTES_PER_CHANGE = 16 << 10;

  /** Pointers to each entry, a header for it, the nodes of a rope: not the entries themselves. */
  private static final long MAX_BYTES_PER_SAVED_CONTAINER = 400;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final InventoryFixture fixture = new InventoryFixture();

  private interface Step {
    void run() throws Exception;
  }

  private static long allocatedBy(Step step) throws Exception {
    long before = THREADS.getCurrentThreadAllocatedBytes();
    step.run();
    return THREADS.getCurrentThreadAllocatedBytes() - before;
  }

  private void listContainers() throws Exception {
    String annotation = "x".repeat(1000);
    List<Container> containers =
        IntStream.range(0, CONTAINERS)
            .mapToObj(
                i ->
                    InventoryFixture.container(id(i), "sandbox" + i / 5).toBuilder()
                        .putAnnotations("long", annotation)
                        .build())
            .toList();
    fixture.list(
        Kind.CONTAINER, ListContainersResponse.newBuilder().addAllContainers(containers).build());
    fixture.save();
  }

  private static String id(int i) {
    return String.format("container-%05d", i);
  }

  @Test
  void aChangeCostsTheSameHoweverMuchThereIs() throws Exception {
    listContainers();

    long allocated =
        allocatedBy(
            () -> {
              for (int i = 0; i < CHANGES; i++) {
                InventoryFixture.succeed(fixture.ask("StopContainer", id(i)));
              }
            });

    assertThat(allocated).isLessThan(CHANGES * MAX_BYTES_PER_CHANGE);
    assertThat(fixture.clock.tasks()).as("one save for all of them").hasSize(1);
  }

  @Test
  void aSaveSharesTheEntriesHoweverManyHaveChanged() throws Exception {
    listContainers();
    for (int i = 0; i < CHANGES; i++) {
      InventoryFixture.succeed(fixture.ask("StopContainer", id(i)));
    }

    long allocated = allocatedBy(fixture::save);

    assertThat(fixture.store.last().size()).isGreaterThan(CONTAINERS * 1000);
    assertThat(allocated).isLessThan(CONTAINERS * MAX_BYTES_PER_SAVED_CONTAINER);
  }

  @Test
  void changesWithASaveAfterEachCostSoManySavesAndNoMore() throws Exception {
    listContainers();

    long allocated =
        allocatedBy(
            () -> {
              for (int i = 0; i < CHANGES; i++) {
                InventoryFixture.succeed(fixture.ask("StopContainer", id(i)));
                fixture.save();
              }
            });

    long save = CONTAINERS * MAX_BYTES_PER_SAVED_CONTAINER;
    assertThat(allocated).isLessThan(CHANGES * (save + MAX_BYTES_PER_CHANGE));
    assertThat(fixture.store.saved).hasSize(CHANGES + 1);
  }

  @Test
  void aRepeatedListCostsNothingPerEntry() throws Exception {
    listContainers();
    ByteString list = fixture.inventory.answer(Kind.CONTAINER, ByteString.EMPTY);
    InventoryFixture.answer(fixture.askAll(Kind.CONTAINER), list);

    long allocated =
        allocatedBy(() -> InventoryFixture.answer(fixture.askAll(Kind.CONTAINER), list));

    assertThat(allocated).isLessThan(CONTAINERS);
  }
}
