package io.crirouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.grpc.Budget.Reservation;
import io.crirouter.grpc.Budget.Share;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BudgetTest {
  private long now;
  private final Budget budget = new Budget(5, 100, 150, () -> now);
  private final Share one = new Share();
  private final Share other = new Share();
  private final List<String> evicted = new ArrayList<>();

  private Reservation hold(Share share, String name) {
    return new Reservation(share, () -> evicted.add(name));
  }

  @Test
  void eachConnectionHasItsPartAndAllTogetherHaveTheirs() {
    assertThat(budget.take(hold(one, "a"), 100, true)).isTrue();
    assertThat(budget.take(hold(one, "b"), 1, true)).isFalse();
    assertThat(budget.take(hold(other, "c"), 51, true)).isFalse();
    assertThat(budget.take(hold(other, "d"), 50, true)).isTrue();
    assertThat(budget.held()).isEqualTo(150);
    assertThat(evicted).isEmpty();
  }

  @Test
  void whatIsFreedCanBeTakenAgain() {
    Reservation first = hold(one, "a");
    assertThat(budget.take(first, 60, true)).isTrue();
    assertThat(budget.take(first, 40, true)).isTrue();
    budget.free(first);
    budget.free(first);

    assertThat(budget.held()).isZero();
    assertThat(budget.take(hold(one, "b"), 100, true)).isTrue();
  }

  @Test
  void theOldestMakesRoomOnceItHasHadASecond() {
    assertThat(budget.take(hold(one, "a"), 80, true)).isTrue();
    now++;
    assertThat(budget.take(hold(other, "b"), 70, true)).isTrue();

    now = Budget.MIN_AGE.toNanos() - 1;
    assertThat(budget.take(hold(other, "c"), 20, true)).isFalse();
    now++;
    assertThat(budget.take(hold(other, "d"), 20, true)).isTrue();

    assertThat(evicted).containsExactly("a");
    assertThat(budget.held()).isEqualTo(90);
  }

  @Test
  void nobodyIsEvictedInVain() {
    assertThat(budget.take(hold(one, "a"), 10, true)).isTrue();
    assertThat(budget.take(hold(other, "b"), 90, false)).isTrue();
    now = Budget.MIN_AGE.toNanos();

    assertThat(budget.take(hold(new Share(), "c"), 80, true)).isFalse();

    assertThat(evicted).isEmpty();
  }

  @Test
  void whoHasDoneHisPartIsNotEvicted() {
    Reservation done = hold(one, "a");
    assertThat(budget.take(done, 100, true)).isTrue();
    budget.forbidEviction(done);
    now = Budget.MIN_AGE.toNanos();

    assertThat(budget.take(hold(other, "b"), 60, true)).isFalse();
  }

  @Test
  void aLittleIsEachConnectionsOwn() {
    assertThat(budget.take(hold(one, "a"), 100, false)).isTrue();
    assertThat(budget.take(hold(other, "b"), 50, false)).isTrue();
    Share third = new Share();

    assertThat(budget.take(hold(third, "c"), 6, true)).isFalse();
    assertThat(budget.take(hold(third, "d"), 5, true)).isTrue();
    assertThat(budget.take(hold(third, "e"), 1, true)).isFalse();
  }

  @Test
  void whatIsOwedCountsForItsConnectionOnly() {
    Reservation hold = hold(one, "a");
    assertThat(budget.take(hold, 100, true)).isTrue();

    Runnable repay = budget.freeTotal(hold);

    assertThat(budget.held()).isZero();
    assertThat(budget.take(hold(one, "b"), 1, true)).isFalse();
    repay.run();
    assertThat(budget.take(hold(one, "c"), 100, true)).isTrue();
  }

  @Test
  void whatIsForcedCountsUpToTwiceThePart() {
    Reservation hold = hold(one, "a");
    assertThat(budget.takeAlways(hold, 200)).isTrue();
    assertThat(budget.takeAlways(hold, 1)).isFalse();
    assertThat(budget.held()).isEqualTo(201);
  }
}
