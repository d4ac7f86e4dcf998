package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The examples in javadoc are the compiled ones. */
class JavadocExamplesTest {
  private static final Path ROOT = Path.of("").toAbsolutePath().getParent().getParent();
  private static final Path EXAMPLES =
      Path.of("src/test/java/io/crirouter/examples/criproxy/JavadocExamples.java");
  private static final Pattern EXAMPLE =
      Pattern.compile(" \\* <pre>\\{@code\n(.*?) \\* }</pre>\n", Pattern.DOTALL);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cri-router-core/src/main/java/io/crirouter/core/CriRouter.java",
        "cri-router-core/src/main/java/io/crirouter/core/RoutingPolicy.java",
        "cri-router-grpc/src/main/java/io/crirouter/grpc/CriServer.java",
        "cri-router-grpc/src/main/java/io/crirouter/grpc/GrpcBackend.java"
      })
  void examplesAreCompiledCode(String source) throws IOException {
    Path file = ROOT.resolve(source);
    Matcher example = EXAMPLE.matcher(Files.readString(file));
    assertThat(example.find()).as("an example in %s", source).isTrue();
    String name = file.getFileName().toString().replace(".java", "");
    assertThat(example.group(1).replaceAll("(?m)^ \\* ?", ""))
        .isEqualTo(Snippets.region(Files.readString(EXAMPLES), name));
  }
}
