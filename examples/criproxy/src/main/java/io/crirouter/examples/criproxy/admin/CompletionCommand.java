package io.crirouter.examples.criproxy.admin;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints the completion script for a shell. */
@Command(
    name = "completion",
    description = {
      "Prints a script with which a shell completes commands and options of criproxy:",
      "  source <(criproxy completion bash)"
    },
    mixinStandardHelpOptions = true)
public final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** The shells. Zsh reads the script of Bash. */
  enum Shell {
    /** GNU bash. */
    BASH,
    /** Zsh. */
    ZSH
  }

  /** Converts the name of a shell. */
  static final class ShellConverter extends EnumConverter<Shell> {
    ShellConverter() {
      super(Shell.class);
    }
  }

  /** Unused: both shells get the same script. */
  @SuppressWarnings("UnusedVariable")
  @Parameters(paramLabel = "SHELL", converter = ShellConverter.class, description = "bash or zsh.")
  private Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    CommandSpec root = spec.root();
    spec.commandLine().getOut().print(AutoComplete.bash(root.name(), root.commandLine()));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
