package io.crirouter.examples.criproxy.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page on the configuration. */
class ConfigurationPageTest {
  private static final Path PAGE =
      Path.of("").toAbsolutePath().getParent().getParent().resolve("docs/configuration.md");
  private static final Pattern YAML = Pattern.compile("```yaml\n(.*?)```", Pattern.DOTALL);
  private static final String BACKENDS =
      "listen: /l\nbackends: [{name: containerd, endpoint: /c}, {name: kata, endpoint: /k}]\n";

  private static String page() throws IOException {
    return Files.readString(PAGE);
  }

  @Test
  void theReferenceHasEveryKey() throws Exception {
    StringBuilder reference = new StringBuilder();
    addSection("", ConfigSchema.ROOT, reference);

    assertThat(page()).endsWith(" must be -->\n" + reference);
  }

  private static void addSection(String path, SectionShape section, StringBuilder page) {
    page.append("\n| key")
        .append(path.isEmpty() ? "" : " of `" + path + "`")
        .append(" | value | default | |\n|---|---|---|---|\n");
    for (ConfigKey key : section.keys()) {
      page.append("| `" + key.name() + "` | " + expected(key.shape()) + " | " + fallback(key))
          .append(" | " + key.description() + " |\n");
    }
    section.keys().forEach(key -> addBelow(key.name(), key.shape(), page));
  }

  private static void addBelow(String path, Shape shape, StringBuilder page) {
    if (shape instanceof SectionShape section) {
      addSection(path, section, page);
    } else if (shape instanceof ListShape list) {
      addBelow(path, list.item(), page);
    } else if (shape instanceof ChoiceShape choice) {
      choice.kinds().forEach(kind -> addSection(path, kind, page));
    }
  }

  private static String expected(Shape shape) {
    if (shape instanceof ValueShape<?> value) {
      return value.expected();
    }
    if (shape instanceof TableShape<?, ?> table) {
      return table.expected();
    }
    if (shape instanceof ListShape list) {
      return list.item() instanceof ValueShape<?> value ? "a list: " + value.expected() : "a list";
    }
    return "see below";
  }

  private static String fallback(ConfigKey key) {
    if (key.isRequired()) {
      return "required";
    }
    return key.fallback() instanceof ConfigNode.Text text ? "`" + text.value() + "`" : "";
  }

  @Test
  void theExpressionsShownAreValid() throws Exception {
    Matcher policies = YAML.matcher(Files.readString(PAGE.resolveSibling("policies.md")));
    assertThat(policies.find()).isTrue();
    String list = "policies:\n" + policies.group(1);
    assertThat(ProxyConfig.of(YamlFile.parse("f", BACKENDS + list)).policy().toString())
        .contains("tenant-", "example.com/speed", "batch");
  }

  @Test
  void theFilesShownAreValid() throws Exception {
    Matcher files = YAML.matcher(page());
    assertThat(files.find()).isTrue();
    assertThat(Path.of("conf/smallest.yaml")).hasContent(files.group(1));
    assertThat(ProxyConfig.of(YamlFile.parse("f", files.group(1))).backends()).hasSize(2);
    assertThat(files.find()).isTrue();
    assertThat(ProxyConfig.of(YamlFile.parse("f", BACKENDS + files.group(1))).policy().toString())
        .contains("example.com/isolation", "registry.example/vm/");
    assertThat(files.find()).isFalse();
  }
}
