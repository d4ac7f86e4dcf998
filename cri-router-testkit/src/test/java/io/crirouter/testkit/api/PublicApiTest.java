package io.crirouter.testkit.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.CriRouter;
import io.crirouter.grpc.CriServer;
import io.crirouter.testkit.FakeRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Every change of what embedders see shows in review, as a change of a file in {@code docs/api}.
 */
class PublicApiTest {
  private static final String UPDATE = "crirouter.updateGolden";

  /** Surefire says where the module is; an IDE starts tests there. */
  private static final Path ROOT = Path.of(System.getProperty("basedir", ""), "..");

  /** The modules for embedders, each with one of its classes. */
  private enum Module {
    CORE(CriRouter.class),
    GRPC(CriServer.class),
    TESTKIT(FakeRuntime.class);

    private final Class<?> member;

    Module(Class<?> member) {
      this.member = member;
    }

    Path file() {
      return ROOT.resolve("docs/api").resolve(name().toLowerCase(Locale.ROOT) + ".txt");
    }
  }

  @ParameterizedTest
  @EnumSource(Module.class)
  void itIsWhatTheFileSays(Module module) throws IOException {
    String actual = PublicApi.ofModuleWith(module.member);
    if (Boolean.getBoolean(UPDATE)) {
      Files.createDirectories(module.file().getParent());
      Files.writeString(module.file(), actual);
    }

    assertThat(actual)
        .as(
            "docs/api. If the change is meant, write the files anew and look at the difference, since"
                + " what is removed or altered breaks embedders: mvn test -pl cri-router-testkit -am"
                + " -Dsurefire.failIfNoSpecifiedTests=false -Dtest=PublicApiTest -D%s=true",
            UPDATE)
        .isEqualTo(Files.readString(module.file()));
  }

  /** A type as embedders see it. */
  public static class Before {
    private int hidden;

    /** A method. */
    public void stays() {
      hidden++;
    }

    /** A method. */
    protected int alters(String value) {
      return hidden;
    }

    void unseen() {}
  }

  /** The same type later. */
  public static class After {
    /** A method. */
    public void stays() {}

    /** A method. */
    protected long alters(String value) {
      return 0;
    }
  }

  @Test
  void aTypeIsShownWithWhatEmbeddersSeeOfIt() {
    assertThat(PublicApi.describe(Before.class))
        .matches("class testkit\\.api\\.PublicApiTest\\.Before [0-9a-f]{4} alters new stays\n");
  }

  @Test
  void aSignatureThatAltersShowsThoughTheNamesAreTheSame() {
    String before = PublicApi.describe(Before.class);
    String after = PublicApi.describe(After.class).replace("After", "Before");

    assertThat(after).isNotEqualTo(before).hasSameSizeAs(before);
  }
}
