package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The messages of the troubleshooting table exist in the programs. */
class TroubleshootingTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
  private static final String START = "### Troubleshooting by message";
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `(.+?)` \\|");

  /** Messages of the kernel. */
  private static final List<String> OF_THE_KERNEL = List.of("permission denied");

  @Test
  void eachMessageIsInTheProgram() throws IOException {
    String page = Files.readString(ROOT.resolve("docs/operating.md"));
    String section = page.substring(page.indexOf(START)).split("\n## ", 2)[0];
    List<String> messages =
        ROW.matcher(section)
            .results()
            .map(MatchResult::group)
            .map(TroubleshootingTest::message)
            .toList();
    assertThat(messages).hasSizeGreaterThan(10);

    String program = program();
    for (String message : messages) {
      for (String part : message.split("(?<=: )|\\{0}", -1)) {
        if (!OF_THE_KERNEL.contains(part)) {
          assertThat(program.contains(part.strip())).as("'%s' of '%s'", part, message).isTrue();
        }
      }
    }
  }

  private static String message(String row) {
    return row.substring(row.indexOf('`') + 1, row.lastIndexOf('`'));
  }

  /** All source code, with concatenated literals joined. */
  private static String program() {
    return Stream.of("cri-router-core", "cri-router-grpc", "examples/criproxy")
        .map(module -> ROOT.resolve(module).resolve("src/main/java"))
        .flatMap(TroubleshootingTest::files)
        .collect(Collectors.joining())
        .replaceAll("\"\\s*\\+\\s*\"", "");
  }

  private static Stream<String> files(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      return all
          .filter(file -> file.toString().endsWith(".java"))
          .map(TroubleshootingTest::read)
          .toList()
          .stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
