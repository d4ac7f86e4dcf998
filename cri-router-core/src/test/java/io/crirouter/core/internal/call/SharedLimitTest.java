package io.crirouter.core.internal.call;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.internal.call.SharedLimit.Share;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SharedLimitTest {
  private static final long FOR_ONE = 8_000;
  private static final long FOR_ALL = 12_000;

  private final SharedLimit limit = new SharedLimit(FOR_ONE, FOR_ALL);

  /** Takes as much as it can, and returns how much that was. */
  private static long fill(Share share) {
    long taken = 0;
    while (share.take(1)) {
      taken++;
    }
    return taken;
  }

  @Test
  void oneAloneMayHoldItsLimitAndNoMore() {
    assertThat(fill(limit.share())).isEqualTo(FOR_ONE);
    assertThat(fill(new SharedLimit(FOR_ONE, FOR_ONE).share())).isEqualTo(FOR_ONE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 5, 20})
  void howeverManyFillTheirsThereIsSomethingLeft(int greedy) {
    List<Share> shares = Stream.generate(limit::share).limit(greedy).toList();
    long taken = 0;
    for (int i = 0; i < FOR_ALL; i++) {
      for (Share share : shares) {
        taken += share.take(1) ? 1 : 0;
      }
    }

    assertThat(taken).isLessThan(FOR_ALL);
    // All hold twice what is left.
    assertThat(fill(limit.share())).isEqualTo((FOR_ALL - taken) * 2 / 3);
  }

  @Test
  void whatIsHeldMayBeReplacedByAsMuchThoughOthersHaveCome() {
    Share first = limit.share();
    assertThat(first.take(FOR_ONE)).isTrue();
    assertThat(limit.share().take(2_000)).isTrue();

    assertThat(first.mayHold(FOR_ONE)).isTrue();
    assertThat(first.take(1)).isFalse();
  }

  @Test
  void duringAReplacementWhatIsGivenBackIsKept() {
    Share first = limit.share();
    assertThat(first.take(FOR_ONE)).isTrue();
    assertThat(limit.share().take(2_000)).isTrue();

    first.beginReplacement();
    first.free(FOR_ONE);
    assertThat(fill(first)).isEqualTo(FOR_ONE);
    first.free(FOR_ONE);
    first.endReplacement();

    assertThat(fill(first)).as("as much as if it had held nothing").isEqualTo(6_666);
  }

  @Test
  void whatIsGivenBackIsThereForOthers() {
    Share first = limit.share();
    assertThat(first.take(FOR_ONE)).isTrue();
    first.free(FOR_ONE - 10);
    first.close();
    first.free(10);

    assertThat(fill(limit.share())).isEqualTo(FOR_ONE);
    assertThat(first.take(1)).as("after its end").isFalse();
  }
}
