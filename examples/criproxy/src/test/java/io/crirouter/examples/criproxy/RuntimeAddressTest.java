package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.crirouter.core.BackendName;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuntimeAddressTest {
  @Test
  void theFirstEntryIsThePrimaryAndNeedsNoName() {
    List<RuntimeAddress> runtimes =
        RuntimeAddress.Group.parse(
                "/run/containerd/containerd.sock,virtlet.cloud:/run/virtlet.sock")
            .members();

    assertThat(runtimes).hasSize(2);
    assertThat(runtimes.get(0).nameOrPrimary()).isEqualTo(BackendName.of("primary"));
    assertThat(runtimes.get(0).socket()).isEqualTo(Path.of("/run/containerd/containerd.sock"));
    assertThat(runtimes.get(1).nameOrPrimary()).isEqualTo(BackendName.of("virtlet.cloud"));
    assertThat(runtimes.get(1).socket()).isEqualTo(Path.of("/run/virtlet.sock"));
    assertThat(runtimes.get(1).options().idPrefix()).isEmpty();
  }

  @Test
  void anIdPrefixFollowsTheName() {
    RuntimeAddress runtime = RuntimeAddress.parse("virtlet.cloud=vm:/run/virtlet.sock");

    assertThat(runtime.nameOrPrimary()).isEqualTo(BackendName.of("virtlet.cloud"));
    assertThat(runtime.options().idPrefix()).contains("vm");
  }

  @ParameterizedTest
  @CsvSource({
    "unix:///run/x.sock,                 /run/x.sock,       primary, ''",
    "virtlet.cloud:unix:///run/x.sock,   virtlet.cloud:/run/x.sock, virtlet.cloud, ''",
    "virtlet.cloud=vm:unix:///run/x.sock, virtlet.cloud=vm:/run/x.sock, virtlet.cloud, vm",
    "unix:/run/x.sock,                   /run/x.sock,       primary, ''"
  })
  void aSocketMayBeWrittenAsAUri(String entry, String text, String name, String prefix) {
    RuntimeAddress runtime = RuntimeAddress.parse(entry);

    assertThat(runtime).hasToString(text);
    assertThat(runtime.nameOrPrimary()).isEqualTo(BackendName.of(name));
    assertThat(runtime.options().idPrefix().orElse("")).isEqualTo(prefix);
    assertThat(runtime.socket()).isEqualTo(Path.of("/run/x.sock"));
  }

  @Test
  void theTextIsTheFormOfTheOption() {
    String list = "/run/containerd.sock,virtlet.cloud:/run/virtlet.sock,kata=ka:/run/kata.sock";

    assertThat(RuntimeAddress.Group.parse(list)).hasToString(list);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          run/x.sock                    | 'run/x.sock' has no absolute socket path
          a:run/x.sock                  | 'a:run/x.sock' has no absolute socket path
          :/run/x.sock                  | ':/run/x.sock' has an empty name
          Virtlet:/run/x.sock           | runtime name 'Virtlet' is not valid
          unix://run/x.sock             | 'unix://run/x.sock' has no absolute socket path
          a:unix://run/x.sock           | 'a:unix://run/x.sock' has no absolute socket path
          :unix:///run/x.sock           | ':unix:///run/x.sock' has an empty name
          a=toolong:/run/x.sock         | id prefix 'toolong' is not valid
          a=:/run/x.sock                | id prefix '' is not valid
          =vm:/run/x.sock               | runtime name '' is not valid
          /a.sock,,b:/b.sock            | an entry of the list is empty
          /a.sock,/b.sock               | '/b.sock' needs a name
          """)
  void whatIsWrongIsNamed(String list, String message) {
    assertThatThrownBy(() -> RuntimeAddress.Group.parse(list)).hasMessageContaining(message);
  }
}
