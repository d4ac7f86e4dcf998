package io.crirouter.core.internal.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EventBufferTest {
  private static final ByteString MEBIBYTE = ByteString.copyFrom(new byte[1 << 20]);

  private final EventBudget budget = new EventBudget(32L << 20);
  private final Source source = new Source();
  private final EventBuffer buffer = new EventBuffer(source, budget);

  private static final class Source implements EventSource {
    final List<String> lost = new ArrayList<>();
    int coalesced;

    @Override
    public void coalesced() {
      coalesced++;
    }

    @Override
    public void lost(List<ClientEvent> events) {
      events.forEach(event -> lost.add(event.subject().id()));
    }

    @Override
    public void catchUp() {
      throw new AssertionError("nobody reads");
    }
  }

  @Test
  void eventsComeOutInTheOrderInWhichTheyCame() {
    add("a", "1");
    add("b", "2");
    add("a", "3");

    assertThat(buffer.size()).isEqualTo(3);
    assertThat(drain()).isEqualTo("a1 b2 a3");
    assertThat(buffer.size()).isZero();
    assertThat(buffer.poll()).isNull();
  }

  @Test
  void beyondAThousandOnlyTheLastOfEachSubjectIsKept() {
    for (int i = 0; i < EventBuffer.MAX_PLAIN; i++) {
      add("abc".substring(i % 3, i % 3 + 1), String.valueOf(i));
    }
    assertThat(buffer.size()).isEqualTo(1000);

    add("d", "1000");
    add("b", "1001");

    assertThat(source.coalesced).as("of 1002 four are left").isEqualTo(998);
    assertThat(drain()).isEqualTo("c998 a999 d1000 b1001");
  }

  @Test
  void afterEverythingWasTakenNothingIsLeftOutAgain() {
    for (int i = 0; i <= EventBuffer.MAX_PLAIN; i++) {
      add("a", String.valueOf(i));
    }
    assertThat(drain()).isEqualTo("a1000");

    add("a", "1");
    add("a", "2");

    assertThat(drain()).isEqualTo("a1 a2");
  }

  @Test
  void largeEventsAreCoalescedBeforeTheirNumberMatters() {
    for (int i = 0; i < 200; i++) {
      addMebibyte("subject" + i % 10);
    }

    assertThat(source.lost).isEmpty();
    assertThat(buffer.size()).isLessThanOrEqualTo(31);
    assertThat(drain()).contains("subject0", "subject9");
  }

  @Test
  void whatIsTooMuchEvenSoIsDroppedAndReported() {
    for (int i = 0; i < 31; i++) {
      addMebibyte("subject" + i);
    }
    addMebibyte("subject0");
    assertThat(source.lost).as("one in place of another").isEmpty();

    addMebibyte("one more");

    assertThat(source.lost).hasSize(32).contains("subject0", "subject30", "one more");
    assertThat(buffer.size()).isZero();
    assertThat(buffer.hasLost()).isTrue();
    assertThat(budget.bytes()).isZero();
  }

  @Test
  void whatNobodyReadsAtTheEndIsNeitherCoalescedNorLost() {
    add("a", "1");
    add("a", "2");

    buffer.clear();

    assertThat(buffer.size()).isZero();
    assertThat(budget.bytes()).isZero();
    assertThat(source.coalesced).isZero();
    assertThat(source.lost).isEmpty();
  }

  @Test
  void whatWasTakenMakesRoom() {
    for (int i = 0; i < 1000; i++) {
      addMebibyte("subject" + i);
      if (i >= 20) {
        buffer.poll();
      }
    }
    assertThat(source.lost).isEmpty();
  }

  @Test
  void manySmallEventsCountWithWhatIsAroundThem() {
    for (int i = 0; i < 200_000; i++) {
      add("subject" + i, "");
      budget.enforce();
    }
    assertThat(source.lost).as("nobody has so many containers").isNotEmpty();
    assertThat(budget.bytes()).isLessThanOrEqualTo(32L << 20);
  }

  @Test
  void theLargestBufferGivesWay() {
    Source other = new Source();
    EventBuffer small = new EventBuffer(other, budget);
    for (int i = 0; i < 5; i++) {
      small.add(event("small" + i, MEBIBYTE));
    }
    for (int i = 0; i < 300; i++) {
      addMebibyte("subject" + i);
    }

    assertThat(source.lost).isNotEmpty();
    assertThat(other.lost).isEmpty();
    assertThat(small.size()).isEqualTo(5);
  }

  private void add(String subject, String message) {
    buffer.add(event(subject, ByteString.copyFromUtf8(message)));
  }

  private void addMebibyte(String subject) {
    buffer.add(event(subject, MEBIBYTE));
    budget.enforce();
  }

  private static ClientEvent event(String subject, ByteString message) {
    return new ClientEvent(new EventSubject(false, subject, "", ByteString.EMPTY), message);
  }

  private String drain() {
    StringBuilder all = new StringBuilder();
    for (ClientEvent event = buffer.poll(); event != null; event = buffer.poll()) {
      all.append(' ').append(event.subject().id());
      if (event.message().size() < 10) {
        all.append(event.message().toStringUtf8());
      }
    }
    return all.toString().trim();
  }
}
