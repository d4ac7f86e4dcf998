package io.crirouter.core.internal.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import org.junit.jupiter.api.Test;

class EventBufferTest {
  private static final ByteString MEBIBYTE = ByteString.copyFrom(new byte[1 << 20]);

  private final EventBuffer buffer = new EventBuffer();

  @Test
  void eventsComeOutInTheOrderInWhichTheyCame() {
    assertThat(add("a", "1")).isTrue();
    assertThat(add("b", "2")).isTrue();
    assertThat(add("a", "3")).isTrue();

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
  void moreSubjectsThanANodeCanHaveDoNotFit() {
    for (int i = 0; i < EventBuffer.MAX_SUBJECTS; i++) {
      assertThat(add("subject" + i, "")).isTrue();
    }

    assertThat(add("subject0", "again")).as("a subject that is there already").isTrue();
    assertThat(add("one more", "")).isFalse();
  }

  @Test
  void largeEventsAreCoalescedBeforeTheirNumberMatters() {
    for (int i = 0; i < 200; i++) {
      assertThat(buffer.add(new ClientEvent("subject" + i % 10, MEBIBYTE))).isTrue();
    }
  }

  @Test
  void moreThan64MebibytesDoNotFit() {
    for (int i = 0; i < 64; i++) {
      assertThat(buffer.add(new ClientEvent("subject" + i, MEBIBYTE))).isTrue();
    }
    assertThat(buffer.add(new ClientEvent("subject0", MEBIBYTE))).as("in place of one").isTrue();

    assertThat(buffer.add(new ClientEvent("one more", MEBIBYTE))).isFalse();
  }

  @Test
  void whatWasTakenMakesRoom() {
    for (int i = 0; i < 1000; i++) {
      assertThat(buffer.add(new ClientEvent("subject" + i, MEBIBYTE))).isTrue();
      if (i >= 40) {
        buffer.poll();
      }
    }
  }

  private boolean add(String subject, String message) {
    return buffer.add(new ClientEvent(subject, ByteString.copyFromUtf8(message)));
  }

  private String drain() {
    StringBuilder all = new StringBuilder();
    for (ClientEvent event = buffer.poll(); event != null; event = buffer.poll()) {
      all.append(' ').append(event.subject()).append(event.message().toStringUtf8());
    }
    return all.toString().trim();
  }
}
