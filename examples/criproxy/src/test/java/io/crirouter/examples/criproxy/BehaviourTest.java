package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each promise to operators names a test that there is. The table of outcomes at the end is not
 * looked at: FailureMatrixTest holds the router to that.
 */
class BehaviourTest {
  private static final Path DOCS =
      Path.of("").toAbsolutePath().getParent().getParent().resolve("docs");
  private static final Pattern TEST = Pattern.compile("\\[(\\w+)\\.(\\w+)]\\(([^)]+)\\)");

  private static final String TABLE_OF_OUTCOMES = "\n## What each call answers";

  private static List<String> page() throws IOException {
    String page = Files.readString(DOCS.resolve("behaviour.md"));
    return page.substring(0, page.indexOf(TABLE_OF_OUTCOMES)).lines().toList();
  }

  static Stream<String> promises() throws IOException {
    List<String> bootstrap = Files.readAllLines(DOCS.resolve("bootstrap.md"));
    int table = bootstrap.indexOf("| promise | test |");
    return Stream.of(
            page(),
            Files.readAllLines(DOCS.resolve("security.md")),
            bootstrap.subList(table, bootstrap.size()))
        .flatMap(List::stream)
        .filter(line -> line.startsWith("| "))
        .filter(line -> !line.startsWith("| promise") && !line.startsWith("| **"));
  }

  @ParameterizedTest
  @MethodSource("promises")
  void eachPromiseNamesExistingTests(String promise) throws IOException {
    List<MatchResult> tests = TEST.matcher(promise).results().toList();

    assertThat(tests).isNotEmpty();
    for (MatchResult test : tests) {
      Path file = DOCS.resolve(test.group(3)).normalize();
      assertThat(file).hasFileName(test.group(1) + ".java");
      assertThat(Files.readString(file))
          .containsPattern(
              "@(Test|ParameterizedTest|Property)\\b[^{};]*(\\{[^{};]*}[^{};]*)*void "
                  + test.group(2)
                  + "\\(");
    }
  }

  @Test
  void eachSectionIsOneScreen() throws IOException {
    String text = String.join("\n", page());
    assertThat(text.split("\n## "))
        .allSatisfy(section -> assertThat(section.lines()).hasSizeLessThanOrEqualTo(64));
    assertThat(promises()).hasSizeGreaterThan(30);
  }

  @Test
  void theThreatModelIsOnePage() throws IOException {
    assertThat(Files.readAllLines(DOCS.resolve("security.md"))).hasSizeLessThanOrEqualTo(64);
  }
}
