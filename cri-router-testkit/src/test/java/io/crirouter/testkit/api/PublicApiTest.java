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
 * Compares the public API with the files in {@code docs/api}, so that a review shows every change.
 */
class PublicApiTest {
  private static final String UPDATE = "crirouter.updateGolden";

  /** Surefire sets the folder of the module. An IDE starts tests in it. */
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
  void thePublicApiMatchesTheFile(Module module) throws IOException {
    String actual = PublicApi.ofModuleWith(module.member);
    if (Boolean.getBoolean(UPDATE)) {
      Files.createDirectories(module.file().getParent());
      Files.writeString(module.file(), actual);
    }

    assertThat(actual)
        .as(
            "docs/api. If the change is intended, update the files and review the difference,"
                + " because a removed or changed member breaks embedders: mvn test -pl"
                + " cri-router-testkit -am -Dsurefire.failIfNoSpecifiedTests=false"
                + " -Dtest=PublicApiTest -D%s=true",
            UPDATE)
        .isEqualTo(Files.readString(module.file()));
  }

  /** A public type. */
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

  /** The same type with a changed signature. */
  public static class After {
    /** A method. */
    public void stays() {}

    /** A method. */
    protected long alters(String value) {
      return 0;
    }
  }

  @Test
  void aTypeIsDescribedByItsVisibleMembers() {
    assertThat(PublicApi.describe(Before.class))
        .matches("class testkit\\.api\\.PublicApiTest\\.Before [0-9a-f]{4} alters new stays\n");
  }

  @Test
  void aChangedSignatureChangesTheFingerprint() {
    String before = PublicApi.describe(Before.class);
    String after = PublicApi.describe(After.class).replace("After", "Before");

    assertThat(after).isNotEqualTo(before).hasSameSizeAs(before);
  }
}
