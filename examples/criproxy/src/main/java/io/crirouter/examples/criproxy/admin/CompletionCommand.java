package io.crirouter.examples.criproxy.admin;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Prints what lets a shell complete commands and options. */
@Command(
    name = "completion",
    description = {
      "Prints a script that lets a shell complete commands and options of criproxy:",
      "  source <(criproxy completion bash)"
    },
    mixinStandardHelpOptions = true)
public final class CompletionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** The shells; zsh reads what bash does. */
  enum Shell {
    /** GNU bash. */
    BASH,
    /** Zsh. */
    ZSH
  }

  /** Reads one. */
  static final class ShellWord extends Words<Shell> {
    ShellWord() {
      super(Shell.class);
    }
  }

  /** Not read: both shells get the same script. */
  @SuppressWarnings("UnusedVariable")
  @Parameters(paramLabel = "SHELL", converter = ShellWord.class, description = "bash or zsh.")
  private Shell shell = Shell.BASH;

  @Override
  public Integer call() {
    CommandSpec root = spec.root();
    spec.commandLine().getOut().print(AutoComplete.bash(root.name(), root.commandLine()));
    spec.commandLine().getOut().flush();
    return 0;
  }
}
