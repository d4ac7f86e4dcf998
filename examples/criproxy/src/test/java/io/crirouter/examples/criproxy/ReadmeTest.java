package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The snippets, links and commands of the README and of {@code docs}. */
class ReadmeTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
  private static final Pattern SNIPPET =
      Pattern.compile("<!-- snippet: (\\S+) (\\S+) -->\n```(?:java|xml)\n(.*?)```", Pattern.DOTALL);
  private static final Pattern LINK = Pattern.compile("]\\(([^)#:]+)\\)");

  static Stream<Arguments> pages() {
    return Stream.of(
        Arguments.of("README.md", 2),
        Arguments.of("docs/embedding.md", 11),
        Arguments.of("docs/ids.md", 1),
        Arguments.of("docs/policies.md", 11),
        Arguments.of("docs/vm-runtime.md", 1),
        Arguments.of("docs/testing.md", 13));
  }

  @ParameterizedTest
  @MethodSource("pages")
  void snippetsAreCompiledCode(String page, int count) throws IOException {
    String text = Files.readString(ROOT.resolve(page));
    Matcher snippets = SNIPPET.matcher(text);
    int found = 0;
    while (snippets.find()) {
      found++;
      String source = Files.readString(ROOT.resolve(snippets.group(1)));
      assertThat(snippets.group(3))
          .as("snippet %s", snippets.group(2))
          .isEqualTo(Snippets.region(source, snippets.group(2)));
    }
    assertThat(found).as("snippets in %s", page).isEqualTo(count);
    assertThat(text.split("```java", -1)).as("all Java in %s", page).hasSizeLessThan(count + 2);
  }

  @Test
  void linksHaveTargets() throws IOException {
    List<String> targets = LINK.matcher(readme()).results().map(link -> link.group(1)).toList();

    assertThat(targets)
        .isNotEmpty()
        .allSatisfy(target -> assertThat(ROOT.resolve(target)).exists());
  }

  @Test
  void theCommandsExist() throws IOException {
    assertThat(readme()).contains("examples/criproxy/bin/criproxy demo").contains("mvn verify");
    assertThat(ROOT.resolve("examples/criproxy/bin/criproxy")).isExecutable();
  }

  private static String readme() throws IOException {
    return Files.readString(ROOT.resolve("README.md"));
  }
}
