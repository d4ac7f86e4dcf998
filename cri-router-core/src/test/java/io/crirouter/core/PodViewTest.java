package io.crirouter.core;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.collect.ImmutableMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PodViewTest {
  private static final Map<String, String> KEPT = Map.of("key", "value");

  /** A map of Map.copyOf compares each of many keys of one hash with all others: for minutes. */
  @Test
  void mapsAreOfAKindThatKeysOfOneHashDoNotSlowDown() {
    PodView pod = new PodView("", "", "", KEPT, KEPT, "", false, false, false, false);
    ImageView image = new ImageView("", KEPT, "");

    assertThat(pod.labels()).isInstanceOf(ImmutableMap.class).isEqualTo(KEPT);
    assertThat(pod.annotations()).isInstanceOf(ImmutableMap.class).isEqualTo(KEPT);
    assertThat(image.annotations()).isInstanceOf(ImmutableMap.class).isEqualTo(KEPT);
  }
}
