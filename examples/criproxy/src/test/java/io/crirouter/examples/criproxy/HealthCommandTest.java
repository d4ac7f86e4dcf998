package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.crirouter.examples.criproxy.AdminCommands.Outcome;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code criproxy health}. */
@Timeout(30)
class HealthCommandTest {
  @TempDir private Path folder;
  private AdminNode node;

  @BeforeEach
  void start() throws Exception {
    node = new AdminNode(folder);
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private Outcome health(String... more) {
    String[] args = new String[more.length + 1];
    args[0] = "health";
    System.arraycopy(more, 0, args, 1, more.length);
    return AdminCommands.ask(node.admin(), args);
  }

  @Test
  void readinessFollowsThePrimary() throws Exception {
    assertThat(health()).isEqualTo(new Outcome(0, "ready\n", ""));
    node.stopVirtlet();
    assertThat(health().exit()).as("without a secondary").isZero();

    node.stopContainerd();
    while (health().exit() == 0) {
      Thread.onSpinWait();
    }

    assertThat(health().exit()).isEqualTo(1);
    assertThat(health().out())
        .startsWith("alive, not ready: the primary, containerd, is not ready: ");
    assertThat(health("--live").exit()).isZero();
    assertThat(JsonParser.parseString(health("-o", "json").out()).getAsJsonObject().keySet())
        .containsExactly("alive", "ready", "reason");
  }

  @Test
  void aStoppedProxyIsNotAlive() {
    node.stopProxy();

    assertThat(health("--live").exit()).isEqualTo(1);
    assertThat(health("--live").err()).startsWith("criproxy: no proxy has its admin socket at ");
  }
}
