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
  private final Share first = new Share();
  private final Share second = new Share();
  private final List<String> evicted = new ArrayList<>();

  private Reservation reservation(Share share, String name) {
    return new Reservation(share, () -> evicted.add(name));
  }

  @Test
  void eachConnectionAndAllTogetherAreLimited() {
    assertThat(budget.take(reservation(first, "a"), 100, true)).isTrue();
    assertThat(budget.take(reservation(first, "b"), 1, true)).isFalse();
    assertThat(budget.take(reservation(second, "c"), 51, true)).isFalse();
    assertThat(budget.take(reservation(second, "d"), 50, true)).isTrue();
    assertThat(budget.held()).isEqualTo(150);
    assertThat(evicted).isEmpty();
  }

  @Test
  void freedBytesCanBeTakenAgain() {
    Reservation taken = reservation(first, "a");
    assertThat(budget.take(taken, 60, true)).isTrue();
    assertThat(budget.take(taken, 40, true)).isTrue();
    budget.free(taken);
    budget.free(taken);

    assertThat(budget.held()).isZero();
    assertThat(budget.take(reservation(first, "b"), 100, true)).isTrue();
  }

  @Test
  void theOldestReservationIsEvictedAfterASecond() {
    assertThat(budget.take(reservation(first, "a"), 80, true)).isTrue();
    now++;
    assertThat(budget.take(reservation(second, "b"), 70, true)).isTrue();

    now = Budget.MIN_AGE.toNanos() - 1;
    assertThat(budget.take(reservation(second, "c"), 20, true)).isFalse();
    now++;
    assertThat(budget.take(reservation(second, "d"), 20, true)).isTrue();

    assertThat(evicted).containsExactly("a");
    assertThat(budget.held()).isEqualTo(90);
  }

  @Test
  void noReservationIsEvictedIfThatMakesTooLittleRoom() {
    assertThat(budget.take(reservation(first, "a"), 10, true)).isTrue();
    assertThat(budget.take(reservation(second, "b"), 90, false)).isTrue();
    now = Budget.MIN_AGE.toNanos();

    assertThat(budget.take(reservation(new Share(), "c"), 80, true)).isFalse();

    assertThat(evicted).isEmpty();
  }

  @Test
  void aReservationThatWaitsForTheBackendIsNotEvicted() {
    Reservation forwarded = reservation(first, "a");
    assertThat(budget.take(forwarded, 100, true)).isTrue();
    budget.forbidEviction(forwarded);
    now = Budget.MIN_AGE.toNanos();

    assertThat(budget.take(reservation(second, "b"), 60, true)).isFalse();
  }

  @Test
  void eachConnectionHasAGuaranteedPart() {
    assertThat(budget.take(reservation(first, "a"), 100, false)).isTrue();
    assertThat(budget.take(reservation(second, "b"), 50, false)).isTrue();
    Share third = new Share();

    assertThat(budget.take(reservation(third, "c"), 6, true)).isFalse();
    assertThat(budget.take(reservation(third, "d"), 5, true)).isTrue();
    assertThat(budget.take(reservation(third, "e"), 1, true)).isFalse();
  }

  @Test
  void bytesFreedInTotalStillCountForTheirConnection() {
    Reservation reservation = reservation(first, "a");
    assertThat(budget.take(reservation, 100, true)).isTrue();

    Runnable freeShare = budget.freeTotal(reservation);

    assertThat(budget.held()).isZero();
    assertThat(budget.take(reservation(first, "b"), 1, true)).isFalse();
    freeShare.run();
    assertThat(budget.take(reservation(first, "c"), 100, true)).isTrue();
  }

  @Test
  void takeAlwaysReportsMoreThanTwiceTheLimitOfTheConnection() {
    Reservation reservation = reservation(first, "a");
    assertThat(budget.takeAlways(reservation, 200)).isTrue();
    assertThat(budget.takeAlways(reservation, 1)).isFalse();
    assertThat(budget.held()).isEqualTo(201);
  }
}
