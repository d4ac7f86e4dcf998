package io.crirouter.examples.criproxy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;

/** Runs admin commands against a running proxy. */
final class AdminCommands {
  private AdminCommands() {}

  /**
   * The result of a command.
   *
   * @param exit its exit code
   * @param out its standard output
   * @param err its standard error
   */
  record Outcome(int exit, String out, String err) {}

  static Outcome run(String... args) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine commandLine = CriProxy.commandLine();
    commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    int exit = commandLine.execute(args);
    return new Outcome(exit, out.toString(), err.toString());
  }

  /** A command that runs until it is stopped. */
  static final class Running {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final Thread thread;

    private Running(String... args) {
      CommandLine commandLine = CriProxy.commandLine();
      commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
      thread = new Thread(() -> exit.complete(commandLine.execute(args)), args[0]);
      thread.setDaemon(true);
      thread.start();
    }

    /** Interrupts it, as Ctrl-C does. */
    void interrupt() {
      thread.interrupt();
    }

    /** Its output so far. */
    String out() {
      return out.toString();
    }

    CompletableFuture<Integer> exit() {
      return exit;
    }

    /** Waits for its end. */
    Outcome join() {
      return new Outcome(exit.join(), out.toString(), err.toString());
    }
  }

  /** Starts a command for the proxy with this admin socket. */
  static Running start(Object admin, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--admin=" + admin);
    return new Running(all.toArray(String[]::new));
  }

  /** Runs a command for the proxy with this admin socket. */
  static Outcome ask(Object admin, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--admin=" + admin);
    return run(all.toArray(String[]::new));
  }
}
