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
  void anIdPrefixStandsBehindTheName() {
    RuntimeAddress runtime = RuntimeAddress.parse("virtlet.cloud=vm:/run/virtlet.sock");

    assertThat(runtime.nameOrPrimary()).isEqualTo(BackendName.of("virtlet.cloud"));
    assertThat(runtime.options().idPrefix()).contains("vm");
  }

  @Test
  void itsTextIsWhatTheOptionHas() {
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
