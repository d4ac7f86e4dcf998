package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.examples.criproxy.config.BackendConfig;
import io.crirouter.examples.criproxy.config.ProxyConfig;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The configuration file that the package installs. */
class PackagedConfigTest {
  private static ProxyConfig read(String text) throws Exception {
    return ProxyConfig.of(ProxyConfig.parse("criproxy.yaml", text));
  }

  @Test
  void theDefaultSendsAllCallsToContainerd() throws Exception {
    ProxyConfig config = read(ProxyFiles.packagedConfig());

    assertThat(config.listen()).hasToString("/run/criproxy/criproxy.sock");
    assertThat(config.backends())
        .extracting(BackendConfig::socket)
        .containsExactly(Path.of("/run/containerd/containerd.sock"));
    assertThat(config.stateFile()).isEqualTo(Optional.of(Path.of("/var/lib/criproxy/state")));
  }

  @Test
  void thePageForOperatorsShowsIt() throws Exception {
    String keys = ProxyFiles.packagedConfig().replaceAll("(?m)^(#.*)?\n", "");

    assertThat(Path.of("../../docs/operating.md"))
        .content()
        .contains("<!-- snippet: installed -->\n```yaml\n" + keys + "```");
  }

  /**
   * Keys that are commented out begin right after the mark or with two blanks, sentences with one.
   */
  @Test
  void commentedKeysAreValid() throws Exception {
    String all = ProxyFiles.packagedConfig().replaceAll("(?m)^#(  |[a-z])", "$1");

    ProxyConfig config = read(all);

    assertThat(config.source().entries()).containsKeys("policies", "log");
    assertThat(config.differences(read(ProxyFiles.packagedConfig())))
        .containsExactlyInAnyOrder("backends", "policies", "log.level");
  }
}
