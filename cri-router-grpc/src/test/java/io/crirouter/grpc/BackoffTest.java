package io.crirouter.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private static final Duration LONG = Duration.ofSeconds(1);
  private static final Duration SHORT = Duration.ofMillis(999);

  private double random = 0.5;
  private long now = 1_000_000_000L;
  private final Backoff backoff = new Backoff(now, () -> random);

  @CanIgnoreReturnValue
  private Duration endUseless() {
    return backoff.ended(now, LONG, false);
  }

  @Test
  void pausesGrowFromATenthOfASecondToFiveSeconds() {
    assertThat(endUseless()).hasMillis(100);
    assertThat(endUseless()).hasMillis(160);
    assertThat(endUseless()).hasMillis(256);
    for (int i = 0; i < 20; i++) {
      endUseless();
    }
    assertThat(endUseless()).hasSeconds(5);
  }

  @Test
  void pausesAreRandomByAFifth() {
    random = 0;
    assertThat(endUseless()).hasMillis(80);
    random = 1;
    assertThat(endUseless()).hasMillis(192);
  }

  @Test
  void aUsefulConnectionOfASecondCostsNoPauseAndResetsTheGrowth() {
    for (int i = 0; i < 20; i++) {
      endUseless();
    }

    assertThat(backoff.ended(now, LONG, true)).isZero();
    assertThat(endUseless()).hasMillis(100);
  }

  @Test
  void aShortUsefulConnectionCostsASecondAtMost() {
    assertThat(backoff.ended(now, SHORT, true)).hasMillis(100);
    for (int i = 0; i < 20; i++) {
      endUseless();
    }
    assertThat(backoff.ended(now, SHORT, true)).hasSeconds(1);
  }

  @Test
  void noConnectionIsPermittedWithinAPauseUnlessTheSocketWasReplaced() {
    assertThat(backoff.permits(now)).isTrue();
    endUseless();
    assertThat(backoff.permits(now + 99_000_000)).isFalse();
    assertThat(backoff.permits(now + 100_000_000)).isTrue();

    for (int i = 0; i < 20; i++) {
      endUseless();
    }
    backoff.attemptedEarly(now);
    assertThat(backoff.permits(now + 99_000_000)).isFalse();
    assertThat(backoff.permits(now + 100_000_000)).isTrue();
  }
}
