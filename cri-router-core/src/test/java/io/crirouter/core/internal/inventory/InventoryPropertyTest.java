package io.crirouter.core.internal.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.internal.inventory.Resolution.Ambiguous;
import io.crirouter.core.internal.inventory.Resolution.Claimed;
import io.crirouter.core.internal.inventory.Resolution.Owned;
import io.crirouter.core.internal.inventory.Resolution.Unknown;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** An inventory against the truth, over random histories in which answers come in any order. */
class InventoryPropertyTest {
  private static final int HISTORIES = 3000;
  private static final int MAX_STEPS = 60;
  private static final int QUESTIONS = 10;

  private final ManualClock clock = new ManualClock();

  /**
   * What kinds of resolutions the histories led to: a test of nothing but unknown ids proves
   * little.
   */
  private enum Outcome {
    UNKNOWN,
    AMBIGUOUS,
    CLAIMED,
    OWNED
  }

  private Inventories inventories(RecordingStore store, boolean idsAreNative) {
    return new Inventories(InventoryFixture.openState(store, clock), clock, idsAreNative);
  }

  @Test
  void itAgreesWithWhatTheRuntimeSaidAndInTheEndWithWhatItHas() {
    for (int seed = 0; seed < HISTORIES; seed++) {
      runHistory(seed, new Random(seed));
    }
  }

  private void runHistory(int seed, Random random) {
    boolean idsAreNative = random.nextBoolean();
    RecordingStore store = new RecordingStore();
    RandomHistory history = new RandomHistory("one", random, inventories(store, idsAreNative));
    try {
      for (int i = random.nextInt(MAX_STEPS); i > 0; i--) {
        step(history, seed);
        if (random.nextInt(30) == 0) {
          history.restart(() -> inventories(store, idsAreNative));
        }
      }
      history.end();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + history, e);
    }
  }

  @Test
  void idsResolveNaively() throws Exception {
    Map<Outcome, Integer> seen = new EnumMap<>(Outcome.class);
    for (int seed = 0; seed < HISTORIES / 5; seed++) {
      Random random = new Random(seed);
      Inventories inventories = inventories(new RecordingStore(), random.nextBoolean());
      List<RandomHistory> histories = new ArrayList<>();
      for (String name : List.of("one", "two", "three")) {
        histories.add(new RandomHistory(name, random, inventories));
      }
      for (int i = random.nextInt(4 * MAX_STEPS); i > 0; i--) {
        step(histories.get(random.nextInt(3)), seed);
      }
      for (int i = 0; i < QUESTIONS; i++) {
        Kind kind = random.nextBoolean() ? Kind.POD_SANDBOX : Kind.CONTAINER;
        String named = new RandomCalls(random, histories.get(random.nextInt(3)).runtime).id();
        Outcome outcome =
            compare(
                "seed " + seed + ", " + named,
                named,
                inventories.resolve(kind, named),
                naively(kind, named, histories));
        seen.merge(outcome, 1, Integer::sum);
      }
    }
    assertThat(seen).hasSize(Outcome.values().length);
    assertThat(seen.values()).as("%s", seen).allMatch(count -> count > HISTORIES / 200);
  }

  private static void step(RandomHistory history, int seed) {
    try {
      history.step();
    } catch (Exception | AssertionError e) {
      throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + history, e);
    }
  }

  /** The ids that can be meant, with the runtimes that have them. */
  private static Map<String, List<Inventory>> naively(
      Kind kind, String named, List<RandomHistory> histories) throws Exception {
    Map<String, List<Inventory>> there = new TreeMap<>();
    Map<String, List<Inventory>> gone = new TreeMap<>();
    for (RandomHistory history : histories) {
      Inventory inventory = history.inventory();
      for (String id : allIds(histories)) {
        if (inventory.has(kind, id)) {
          there.computeIfAbsent(id, any -> new ArrayList<>()).add(inventory);
        } else if (inventory.had(kind, id)) {
          gone.computeIfAbsent(id, any -> new ArrayList<>()).add(inventory);
        }
      }
    }
    if (there.containsKey(named)) {
      return Map.of(named, there.get(named));
    }
    if (gone.containsKey(named)) {
      return Map.of(named, gone.get(named));
    }
    there.keySet().removeIf(id -> !id.startsWith(named));
    return there;
  }

  private static Set<String> allIds(List<RandomHistory> histories) {
    Set<String> ids = new TreeSet<>();
    histories.forEach(history -> ids.addAll(history.runtime.ids));
    return ids;
  }

  private static Outcome compare(
      String which, String named, Resolution resolution, Map<String, List<Inventory>> expected) {
    if (expected.isEmpty()) {
      assertThat(resolution).as(which).isInstanceOf(Unknown.class);
      return Outcome.UNKNOWN;
    }
    if (expected.size() > 1) {
      assertThat(resolution).as(which).isInstanceOf(Ambiguous.class);
      Ambiguous several = (Ambiguous) resolution;
      assertThat(several.count()).as(which).isEqualTo(expected.size());
      assertThat(expected.keySet()).as(which).containsAll(several.examples());
      assertThat(several.owners())
          .as(which)
          .containsExactlyInAnyOrderElementsOf(
              expected.values().stream().flatMap(List::stream).distinct().toList());
      return Outcome.AMBIGUOUS;
    }
    Map.Entry<String, List<Inventory>> only = expected.entrySet().iterator().next();
    List<Inventory> owners = only.getValue();
    String id = only.getKey();
    assertThat(resolution)
        .as(which)
        .isEqualTo(
            owners.size() > 1
                ? new Claimed(owners, id)
                : new Owned(owners.get(0), id, !id.equals(named)));
    return owners.size() > 1 ? Outcome.CLAIMED : Outcome.OWNED;
  }
}
