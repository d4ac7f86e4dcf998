package io.crirouter.core.owners;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.owners.Resolution.Owned;
import io.crirouter.core.owners.Resolution.Unknown;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The bounds of the table, and the order in which news counts. */
class OwnerTableTest {
  private static final BackendName ONE = BackendName.of("one");
  private static final BackendName TWO = BackendName.of("two");

  private final OwnerTable table = new OwnerTable();

  private static List<String> many(String prefix, int count) {
    return IntStream.range(0, count).mapToObj(i -> prefix + i).toList();
  }

  @Test
  void aBackendThatListsTooMuchIsIncompleteAndTakesNobodysPlace() {
    table.of(ONE).listedAll(List.of("mine"), 1, 0);

    table.of(TWO).listedAll(many("x", Holding.MAX_IDS + 1), 2, 0);

    assertThat(table.of(TWO).all()).hasSize(Holding.MAX_IDS);
    assertThat(table.of(TWO).isComplete()).isFalse();
    assertThat(table.of(ONE).isComplete()).isTrue();
    assertThat(table.resolve("mine")).isEqualTo(new Owned(ONE, "mine", false));

    table.of(TWO).listedAll(List.of("x1"), 3, 0);
    assertThat(table.of(TWO).isComplete()).isTrue();
  }

  @Test
  void onlySoManyRemovedIdsAreKeptTheNewest() {
    List<String> ids = many("x", RemovedIds.MAX_IDS + 1);
    table.of(ONE).listedAll(ids, 1, 0);
    long number = 2;
    for (String id : ids) {
      table.of(ONE).removed(id, number++, 0);
    }

    assertThat(table.of(ONE).allRemoved()).hasSize(RemovedIds.MAX_IDS);
    assertThat(table.resolve("x0")).isNotEqualTo(new Owned(ONE, "x0", false));
    String last = ids.get(ids.size() - 1);
    assertThat(table.resolve(last)).isEqualTo(new Owned(ONE, last, false));
  }

  @Test
  void removedIdsExpireOldestFirst() {
    table.of(ONE).listedAll(List.of("a", "b"), 1, 0);
    table.of(ONE).removed("a", 2, 0);
    table.of(ONE).removed("b", 3, 1000);

    table.expire(RemovedIds.KEPT_FOR.toNanos() + 999);

    assertThat(table.resolve("a")).isInstanceOf(Unknown.class);
    assertThat(table.resolve("b")).isEqualTo(new Owned(ONE, "b", false));
  }

  @Test
  void aListThatWasAskedForAfterARemovalKnowsBetter() {
    table.of(ONE).listedAll(List.of("abc"), 1, 0);
    table.of(ONE).removed("abc", 2, 0);

    table.of(ONE).listedAll(List.of("abc"), 3, 0);

    assertThat(table.resolve("ab")).isEqualTo(new Owned(ONE, "abc", true));
  }

  @Test
  void anOlderListThatComesLateSaysNothing() {
    table.of(ONE).listedAll(List.of("new"), 5, 0);

    table.of(ONE).listedAll(List.of("old"), 4, 0);

    assertThat(table.of(ONE).all()).containsExactly("new");
  }

  @Test
  void whatWasCreatedAfterTheQuestionOfAListStays() {
    table.of(ONE).heardOf("created", 5);

    table.of(ONE).listedAll(List.of(), 4, 0);

    assertThat(table.of(ONE).all()).containsExactly("created");
  }

  @Test
  void anEventAboutSomethingRemovedDoesNotBringItBack() {
    table.of(ONE).listedAll(List.of("abc"), 1, 0);
    table.of(ONE).removed("abc", 2, 0);

    table.of(ONE).heardOf("abc", 3);

    assertThat(table.resolve("ab")).isInstanceOf(Unknown.class);
    assertThat(table.resolve("abc")).isEqualTo(new Owned(ONE, "abc", false));
  }

  @Test
  void nothingIsCompleteAfterTheConnectionWasLost() {
    table.of(ONE).listedAll(List.of("abc"), 1, 0);

    table.of(ONE).disconnected();

    assertThat(table.of(ONE).isComplete()).isFalse();
    assertThat(table.of(ONE).isKnown()).isTrue();
    assertThat(table.resolve("abc")).isEqualTo(new Owned(ONE, "abc", false));
  }
}
