package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The result of a command in a container of a {@link FakeRuntime}.
 *
 * @param stdout its standard output
 * @param stderr its standard error
 * @param exitCode its exit code
 * @param duration how long it runs, on the runtime's scheduler
 */
public record ExecResult(String stdout, String stderr, int exitCode, Duration duration) {
  private static final int NOT_FOUND = 127;
  private static final Pattern EXIT = Pattern.compile("exit (\\d{1,3})");
  private static final Pattern SECONDS = Pattern.compile("\\d{1,6}");

  /** Checks for nulls. */
  public ExecResult {
    requireNonNull(stdout, "stdout");
    requireNonNull(stderr, "stderr");
    requireNonNull(duration, "duration");
  }

  /** A command that prints {@code stdout} and succeeds at once. */
  public static ExecResult prints(String stdout) {
    return new ExecResult(stdout, "", 0, Duration.ZERO);
  }

  /** A command that ends with {@code code} at once. */
  public static ExecResult exits(int code) {
    return new ExecResult("", "", code, Duration.ZERO);
  }

  /** The same result after {@code time}. */
  public ExecResult after(Duration time) {
    return new ExecResult(stdout, stderr, exitCode, time);
  }

  /**
   * The default commands of a fake: {@code echo WORDS}, {@code true}, {@code false}, {@code sleep
   * SECONDS} and {@code sh -c "exit CODE"}. Any other command ends with 127, not found.
   */
  static ExecResult of(List<String> command) {
    String name = command.isEmpty() ? "" : command.get(0);
    List<String> words = command.isEmpty() ? List.of() : command.subList(1, command.size());
    return switch (name) {
      case "echo" -> prints(String.join(" ", words) + "\n");
      case "true" -> exits(0);
      case "false" -> exits(1);
      case "sleep" -> sleep(words);
      case "sh" -> shell(words);
      default -> notFound(name);
    };
  }

  private static ExecResult sleep(List<String> words) {
    boolean valid = words.size() == 1 && SECONDS.matcher(words.get(0)).matches();
    return valid
        ? exits(0).after(Duration.ofSeconds(Long.parseLong(words.get(0))))
        : new ExecResult("", "usage: sleep SECONDS\n", 1, Duration.ZERO);
  }

  private static ExecResult shell(List<String> words) {
    Matcher exit = EXIT.matcher(words.size() == 2 ? words.get(1) : "");
    return exit.matches() ? exits(Integer.parseInt(exit.group(1))) : notFound("sh " + words);
  }

  private static ExecResult notFound(String command) {
    return new ExecResult("", command + ": not found\n", NOT_FOUND, Duration.ZERO);
  }
}
