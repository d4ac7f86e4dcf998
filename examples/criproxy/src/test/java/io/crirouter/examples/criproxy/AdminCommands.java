package io.crirouter.examples.criproxy;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import picocli.CommandLine;

/** Commands that ask a running proxy, as an operator gives them. */
final class AdminCommands {
  private AdminCommands() {}

  /**
   * What a command did.
   *
   * @param exit its exit code
   * @param out what it said
   * @param err what it complained about
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

  /** A command that goes on. */
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

    /** As Ctrl-C does. */
    void interrupt() {
      thread.interrupt();
    }

    /** What it has said so far. */
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

  /** Starts a command that asks the proxy with this admin socket. */
  static Running start(Object admin, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--admin=" + admin);
    return new Running(all.toArray(String[]::new));
  }

  /** A command that asks the proxy with this admin socket. */
  static Outcome ask(Object admin, String... args) {
    List<String> all = new ArrayList<>(List.of(args));
    all.add("--admin=" + admin);
    return run(all.toArray(String[]::new));
  }
}
