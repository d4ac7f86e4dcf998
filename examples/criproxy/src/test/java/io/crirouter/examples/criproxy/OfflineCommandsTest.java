package io.crirouter.examples.criproxy;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crirouter.examples.criproxy.AdminCommands.Outcome;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands that need no running proxy, and errors of the command line. */
class OfflineCommandsTest {
  @TempDir private Path folder;

  @Test
  void routesAreShownWithoutAProxy() {
    Outcome all = AdminCommands.run("routes");

    assertThat(all.out().lines()).hasSize(44);
    assertThat(all.out()).contains("CreateContainer            the owner of the pod sandbox id\n");
    assertThat(all.out().lines()).allMatch(line -> line.length() <= 100);
    assertThat(AdminCommands.run("routes", "ImageFsInfo").out())
        .contains("  answered by  all backends")
        .contains("  failure      the primary's is the answer; another is left out\n");
    assertThat(AdminCommands.run("routes", "Reboot").err())
        .isEqualTo("criproxy: CRI v1 has no rpc 'Reboot'; criproxy routes lists all\n");
    JsonObject json =
        JsonParser.parseString(AdminCommands.run("routes", "ListImages", "-o", "json").out())
            .getAsJsonArray()
            .get(0)
            .getAsJsonObject();
    assertThat(json.keySet())
        .containsExactly(
            "rpc",
            "stream",
            "route",
            "requestReferences",
            "responseReferences",
            "merge",
            "failure");
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void completionHasAllCommands(String shell) throws Exception {
    Path script = folder.resolve("completion");
    Files.writeString(script, AdminCommands.run("completion", shell).out());

    Process bash =
        new ProcessBuilder(
                "bash",
                "-c",
                "source "
                    + script
                    + "; COMP_WORDS=(criproxy st); COMP_CWORD=1;"
                    + " _complete_criproxy; echo ${COMPREPLY[@]}")
            .redirectErrorStream(true)
            .start();

    assertThat(new String(bash.getInputStream().readAllBytes(), UTF_8)).isEqualTo("status\n");
  }

  @Test
  void aCommandLineErrorIsOneLineWithASuggestion() {
    assertThat(AdminCommands.run("staus"))
        .isEqualTo(
            new Outcome(
                2,
                "",
                "criproxy: 'staus' is not understood; did you mean status? (see criproxy --help)\n"));
    assertThat(AdminCommands.run("status", "-o", "xml").err())
        .isEqualTo(
            "criproxy status: Invalid value for option '--output': 'xml' is not accepted;"
                + " accepted: table, json (see criproxy status --help)\n");
  }
}
