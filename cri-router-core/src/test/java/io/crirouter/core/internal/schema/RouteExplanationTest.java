package io.crirouter.core.internal.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.CriRouter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Every change of the route table shows in review, as a change of {@code docs/routes.txt}. */
class RouteExplanationTest {
  private static final String UPDATE = "crirouter.updateGolden";

  /** Surefire says where the module is; an IDE starts tests there. */
  private static final Path GOLDEN =
      Path.of(System.getProperty("basedir", ""), "..", "docs", "routes.txt");

  @Test
  void theRouteTableIsTheOneThatWasReviewed() throws IOException {
    if (Boolean.getBoolean(UPDATE)) {
      Files.createDirectories(GOLDEN.getParent());
      Files.writeString(GOLDEN, CriRouter.routes());
    }

    assertThat(CriRouter.routes())
        .as(
            "docs/routes.txt. If the change is meant, write the file anew and look at the"
                + " difference: mvn test -pl cri-router-core -am -D%s=true",
            UPDATE)
        .isEqualTo(Files.readString(GOLDEN));
  }

  @Test
  void everyRpcHasAParagraphWithRouteAndFailure() {
    List<String> lines = CriRouter.routes().lines().toList();

    for (MethodSchema method : Schema.cri().methods()) {
      String name = method.service() + "." + method.name();
      String title = method.serverStreaming() ? name + " (stream)" : name;
      int at = lines.indexOf(title);
      assertThat(at).as("title of %s", method.name()).isNotNegative();
      List<String> paragraph =
          lines.subList(at + 1, lines.size()).stream().takeWhile(l -> l.startsWith("  ")).toList();
      assertThat(paragraph).anyMatch(line -> line.startsWith("  route     "));
      assertThat(paragraph).anyMatch(line -> line.startsWith("  failure   "));
    }
  }

  @Test
  void referencesAreShownWithTheirPathsAndKinds() {
    assertThat(CriRouter.routes())
        .contains("containers_statuses[].image.image:IMAGE_REF", "filter.id:CONTAINER_ID");
  }
}
