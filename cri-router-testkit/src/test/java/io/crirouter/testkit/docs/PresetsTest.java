package io.crirouter.testkit.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.CriRouter;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.RealRuntime;
import io.crirouter.testkit.RouterExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A snippet of docs/testing.md. */
class PresetsTest {
  // snippet: presets
  @RegisterExtension
  final RouterExtension router =
      RouterExtension.builder()
          .primary("containerd", runtime -> runtime.like(RealRuntime.CONTAINERD_2_1))
          .secondary("older.example", FakeRuntime.containerd1_6()::build)
          .build();

  // end

  @Test
  void bothAreReady(CriRouter core) {
    assertThat(core.backends()).hasSize(2);
    router.awaitReady("older.example");
  }
}
