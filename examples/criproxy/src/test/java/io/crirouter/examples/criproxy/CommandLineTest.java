package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class CommandLineTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int criproxy(String... args) {
    CommandLine commandLine = CriProxy.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commandLine.execute(args);
  }

  @Test
  void theDemoShowsEachCallAndSucceeds() {
    int exit = criproxy("demo");

    assertThat(out.toString())
        .contains("RunPodSandbox", "virt__", "All ", "calls went where they should")
        .doesNotContain("WRONG");
    assertThat(exit).isZero();
    assertThat(err.toString()).isEmpty();
  }

  /** A start of the proxy creates no other commands. Its usage text is the same. */
  @Test
  void aStartCreatesOnlyTheRunCommand() {
    CommandLine all = CriProxy.commandLineFor("running");
    CommandLine one = CriProxy.commandLineFor("run", "--listen", "/tmp/x");

    assertThat(one.getSubcommands()).containsOnlyKeys("run");
    assertThat(all.getSubcommands()).containsKeys("run", "status", "completion");
    assertThat(one.getSubcommands().get("run").getUsageMessage())
        .isEqualTo(all.getSubcommands().get("run").getUsageMessage());
  }

  /** A line break within a text is allowed only at the end of a sentence. */
  @Test
  void usageTextsAreWrappedToTheTerminal() {
    for (CommandLine command : all(CriProxy.commandLine())) {
      CommandSpec spec = command.getCommandSpec();
      assertFlows(spec, spec.usageMessage().description());
      spec.args().forEach(argument -> assertFlows(spec, argument.description()));
      assertThat(spec.usageMessage().footer())
          .as(spec.qualifiedName())
          .allMatch(line -> line.length() <= 80);
    }
  }

  private static List<CommandLine> all(CommandLine command) {
    List<CommandLine> all = new ArrayList<>(List.of(command));
    command.getSubcommands().values().forEach(subcommand -> all.addAll(all(subcommand)));
    return all;
  }

  private static void assertFlows(CommandSpec spec, String[] lines) {
    for (int i = 0; i < lines.length - 1; i++) {
      assertThat(lines[i]).as(spec.qualifiedName()).matches(".*[.:]");
    }
  }

  @Test
  void missingOptionsAreNamed() {
    assertThat(criproxy("run")).isEqualTo(2);
    assertThat(err.toString()).contains("--listen", "--connect");
  }

  @Test
  void aWrongRuntimeIsNamedWithItsOption() {
    assertThat(criproxy("run", "--listen", "/tmp/x", "--connect", "a.sock")).isEqualTo(2);
    assertThat(err.toString()).contains("--connect", "'a.sock' has no absolute socket path");
  }

  @Test
  void aWrongLogLevelIsAnsweredWithTheAcceptedValues() {
    int exit = criproxy("run", "--listen", "/tmp/x", "--connect", "/a.sock", "--log-level", "loud");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains("--log-level", "loud", "error", "warn", "info", "debug");
  }

  @Test
  void aWrongKindOfIdsIsAnsweredWithTheAcceptedValues() {
    int exit = criproxy("run", "--listen", "/tmp/x", "--connect", "/a.sock", "--ids", "short");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("criproxy: --ids: 'short' is not accepted; accepted: prefixed, native\n");
  }

  @Test
  void aWrongSocketModeIsAnsweredWithAnExample() {
    int exit = criproxy("run", "--listen", "/tmp/x", "--connect", "/a.sock", "--socket-mode", "rw");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains("--socket-mode: 'rw' is not a mode", "0660");
  }

  @Test
  void aListenPathThatIsNoSocketIsAnsweredWithTheForm() {
    int exit = criproxy("run", "--listen", "unix://x.sock", "--connect", "/a.sock");

    assertThat(exit).isEqualTo(2);
    assertThat(err.toString()).contains("--listen", "'unix://x.sock'", "unix:///PATH");
  }

  @Test
  void anInvalidFakeRuntimeIsRefusedWithTheReason() {
    assertThat(criproxy("fake")).isEqualTo(2);
    assertThat(criproxy("fake", "--socket", "/nowhere/fake.sock")).isEqualTo(2);
    assertThat(criproxy("fake", "--socket", "/tmp/fake.sock", "--like", "docker")).isEqualTo(2);
    assertThat(criproxy("fake", "--socket", "/tmp/fake.sock", "--image", "A B")).isEqualTo(2);

    assertThat(err.toString())
        .contains("'--socket=PATH'")
        .contains("the folder /nowhere does not exist")
        .contains("'docker'", "containerd-1.6", "containerd-2.1")
        .contains("--image: fake: ", "\"A B\" is not the name of an image");
  }
}
