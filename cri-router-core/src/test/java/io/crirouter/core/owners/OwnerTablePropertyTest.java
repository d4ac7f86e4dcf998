package io.crirouter.core.owners;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.owners.NaiveOwners.News;
import io.crirouter.core.owners.Resolution.Ambiguous;
import io.crirouter.core.owners.Resolution.Claimed;
import io.crirouter.core.owners.Resolution.Owned;
import io.crirouter.core.owners.Resolution.Unknown;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The table of owners against a model of it, over random news that comes late and out of order. */
class OwnerTablePropertyTest {
  private static final int HISTORIES = 4000;
  private static final int MAX_NEWS = 30;
  private static final int MAX_LATENESS = 3;

  /** Between the numbers of two pieces of news. */
  private static final long STEP = 2 * MAX_NEWS;

  private static final List<BackendName> BACKENDS =
      List.of(BackendName.of("one"), BackendName.of("two"), BackendName.of("three"));

  /**
   * What kinds of answers the histories led to: a test of nothing but unknown ids proves little.
   */
  private enum Kind {
    UNKNOWN,
    AMBIGUOUS,
    CLAIMED,
    OWNED
  }

  @Test
  void itResolvesLikeTheModel() {
    Map<Kind, Integer> seen = new EnumMap<>(Kind.class);
    for (int seed = 0; seed < HISTORIES; seed++) {
      History history = new History(new Random(seed));
      for (int i = 0; i < 10; i++) {
        String named = history.id();
        Kind kind =
            assertSame(
                "seed " + seed + ", " + named,
                named,
                history.table.resolve(named),
                history.model.meantBy(named, history.table.owners()));
        seen.merge(kind, 1, Integer::sum);
      }
    }
    assertThat(seen).hasSize(Kind.values().length);
    assertThat(seen.values()).allMatch(count -> count > HISTORIES / 10);
  }

  private static Kind assertSame(
      String which, String named, Resolution resolution, Map<String, List<BackendName>> expected) {
    if (expected.isEmpty()) {
      assertThat(resolution).as(which).isInstanceOf(Unknown.class);
      return Kind.UNKNOWN;
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
      return Kind.AMBIGUOUS;
    }
    Map.Entry<String, List<BackendName>> only = expected.entrySet().iterator().next();
    List<BackendName> claimants = only.getValue();
    String id = only.getKey();
    assertThat(resolution)
        .as(which)
        .isEqualTo(
            claimants.size() > 1
                ? new Claimed(claimants, id)
                : new Owned(claimants.get(0), id, !id.equals(named)));
    return claimants.size() > 1 ? Kind.CLAIMED : Kind.OWNED;
  }

  /** The same random news, told to both. */
  private static final class History {
    private final OwnerTable table = new OwnerTable();
    private final NaiveOwners model = new NaiveOwners();
    private final Random random;

    History(Random random) {
      this.random = random;
      int count = random.nextInt(MAX_NEWS);
      for (int i = MAX_LATENESS; i < MAX_LATENESS + count; i++) {
        // Questions are answered up to three pieces of news late; no number is given out twice.
        long asked = STEP * (i - random.nextInt(MAX_LATENESS)) + i;
        tell(STEP * (i + 1), asked);
      }
    }

    /** One to four letters, of two: beginnings of others are frequent. */
    String id() {
      StringBuilder id = new StringBuilder();
      for (int length = 1 + random.nextInt(4); length > 0; length--) {
        id.append(random.nextBoolean() ? 'a' : 'b');
      }
      return id.toString();
    }

    private void tell(long number, long asked) {
      BackendName owner = BACKENDS.get(random.nextInt(BACKENDS.size()));
      Holding holding = table.of(owner);
      String id = id();
      List<String> ids = ids();
      switch (random.nextInt(4)) {
        case 0 -> {
          holding.heardOf(id, number);
          model.add(new News.Heard(owner, id, number));
        }
        case 1 -> {
          holding.listedSome(ids, asked);
          model.add(new News.Listed(owner, ids, asked, false));
        }
        case 2 -> {
          holding.listedAll(ids, asked, 0);
          model.add(new News.Listed(owner, ids, asked, true));
        }
        default -> {
          if (holding.has(id)) {
            holding.removed(id, number, 0);
            model.add(new News.Removed(owner, id, number));
          }
        }
      }
    }

    private List<String> ids() {
      Set<String> ids = new LinkedHashSet<>();
      for (int count = random.nextInt(6); count > 0; count--) {
        ids.add(id());
      }
      return List.copyOf(ids);
    }
  }
}
