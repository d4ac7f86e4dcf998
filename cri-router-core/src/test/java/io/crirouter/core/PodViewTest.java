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
    PodView pod = PodView.builder().labels(KEPT).annotations(KEPT).build();
    ImageView image = ImageView.builder("").annotations(KEPT).build();

    assertThat(pod.labels()).isInstanceOf(ImmutableMap.class).isEqualTo(KEPT);
    assertThat(pod.annotations()).isInstanceOf(ImmutableMap.class).isEqualTo(KEPT);
    assertThat(image.annotations()).isInstanceOf(ImmutableMap.class).isEqualTo(KEPT);
  }

  @Test
  void aBuilderTakesMapsAndSingleEntries() {
    PodView pod = PodView.builder().label("a", "1").labels(KEPT).label("a", "2").build();

    assertThat(pod.labels()).containsOnly(Map.entry("a", "2"), Map.entry("key", "value"));
  }
}
