package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** First contact: a starting router serves only when its lists are complete. */
class FirstContactTest {
  private static final Duration LIMIT = Duration.ofSeconds(3);

  private final SimulatedNode node = SimulatedNode.of(PRIMARY, VIRTLET);

  @AfterEach
  void stop() {
    node.close();
  }

  private CompletableFuture<Void> contact() {
    return node.startRouter().router().firstContact().toCompletableFuture();
  }

  @ParameterizedTest
  @ValueSource(strings = {"Version", "ListPodSandbox", "ListContainers"})
  void firstContactWaitsForTheListsOfReachableRuntimes(String slow) {
    node.virtlet().delay(slow, Duration.ofSeconds(2));

    CompletableFuture<Void> contact = contact();

    node.advance(Duration.ofMillis(1999));
    assertThat(contact).isNotDone();
    node.advance(Duration.ofMillis(1));
    assertThat(contact).isCompleted();
  }

  @Test
  void firstContactWaitsForThePrimary() {
    node.runtime(PRIMARY).delay("Version", Duration.ofSeconds(2));

    CompletableFuture<Void> contact = contact();

    assertThat(contact).isNotDone();
    node.advance(Duration.ofSeconds(2));
    assertThat(contact).isCompleted();
  }

  @Test
  void firstContactDoesNotWaitForUnreachableRuntimes() {
    node.virtlet().down();

    assertThat(contact()).isCompleted();
  }

  @Test
  void firstContactWaitsThreeSecondsAtMost() {
    node.virtlet().hang();

    CompletableFuture<Void> contact = contact();

    node.advance(LIMIT.minusMillis(1));
    assertThat(contact).isNotDone();
    node.advance(Duration.ofMillis(1));
    assertThat(contact).isCompleted();
  }
}
