package io.crirouter.core.internal.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The table that is read at each start says what the descriptors say. */
class SchemaTableTest {
  private static final String UPDATE = "crirouter.updateGolden";
  private static final Path TABLE =
      Path.of(
          System.getProperty("basedir", ""),
          "src/main/resources/io/crirouter/core/internal/schema/cri.schema");

  @Test
  void theTableIsWhatTheDescriptorsSay() throws IOException {
    List<String> described = SchemaWriter.write(DescriptorReader.readCri());
    if (Boolean.getBoolean(UPDATE)) {
      Files.write(TABLE, described);
    }

    assertThat(Files.readAllLines(TABLE, UTF_8))
        .as("proto/ has changed: run the tests of cri-router-core with -D%s=true", UPDATE)
        .isEqualTo(described);
  }

  @Test
  void whatIsWrittenIsRead() {
    List<String> described = SchemaWriter.write(DescriptorReader.readCri());

    assertThat(SchemaWriter.write(SchemaTable.read(described))).isEqualTo(described);
    assertThat(SchemaWriter.write(Schema.cri())).isEqualTo(described);
  }

  @Test
  void aLineThatIsNoneIsRefused() {
    assertThatIllegalStateException()
        .isThrownBy(() -> SchemaTable.read(List.of("message A", "filed 1 id")))
        .withMessageContaining("filed 1 id");
  }
}
