package io.crirouter.core;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The packages of the core depend on each other in one direction, and on nothing else. */
class PackageStructureTest {
  private static final String API = CriRouter.class.getPackageName();
  private static final String INTERNAL = API + ".internal.";

  /**
   * The internal packages in the order of a call. A class may use its own package and those behind
   * it, none before it: so there can be no cycle.
   */
  private static final List<String> IN_ORDER =
      List.of(
          "rpc",
          "node",
          "routing",
          "merging",
          "events",
          "naming",
          "backend",
          "inventory",
          "observation",
          "call",
          "versions",
          "wire",
          "schema");

  /** The public classes that have an implementation in the internal packages. */
  private static final Class<?>[] ENTRY_POINTS = {
    CriRouter.class, CriMethod.class, IdStrategy.class, ImageStrategy.class, TypedBackend.class
  };

  private static final Class<?>[] SOURCES_OF_THREADS = {
    Thread.class,
    Executors.class,
    ThreadPoolExecutor.class,
    ScheduledThreadPoolExecutor.class,
    ForkJoinPool.class,
    Timer.class
  };

  private static final Path ROOT = Path.of(System.getProperty("basedir", ""), "..");

  private static final JavaClasses CORE = new ClassFileImporter().importPath(compiledClasses());

  private static Path compiledClasses() {
    try {
      return Path.of(CriRouter.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  static Stream<String> packages() {
    return IN_ORDER.stream();
  }

  @Test
  void everyInternalPackageHasItsPlaceInTheOrder() {
    List<String> found =
        CORE.stream()
            .map(type -> type.getPackageName())
            .filter(name -> name.startsWith(INTERNAL))
            .map(name -> name.substring(INTERNAL.length()))
            .distinct()
            .toList();

    assertThat(found).containsExactlyInAnyOrderElementsOf(IN_ORDER);
  }

  @ParameterizedTest
  @MethodSource("packages")
  void aPackageUsesNoPackageBeforeIt(String name) {
    String[] before =
        IN_ORDER.subList(0, IN_ORDER.indexOf(name)).stream()
            .map(earlier -> INTERNAL + earlier)
            .toArray(String[]::new);

    noClasses()
        .that()
        .resideInAPackage(INTERNAL + name)
        .should()
        .dependOnClassesThat(resideInAnyPackage(before))
        .because("a call passes the packages in the order " + String.join(" > ", IN_ORDER))
        .check(CORE);
  }

  @Test
  void thePublicApiUsesTheInternalPackagesFromItsEntryPointsOnly() {
    noClasses()
        .that(resideInAPackage(API).and(describe("are no entry points", type -> !isOneOf(type))))
        .should()
        .dependOnClassesThat()
        .resideInAPackage(INTERNAL + "*")
        .check(CORE);
  }

  private static boolean isOneOf(JavaClass type) {
    return belongToAnyOf(ENTRY_POINTS).test(type);
  }

  @Test
  void theInternalPackagesDoNotKnowTheRouterThatIsBuiltOfThem() {
    noClasses()
        .that()
        .resideInAPackage(INTERNAL + "*")
        .should()
        .dependOnClassesThat(
            belongToAnyOf(CriRouter.class, TypedBackend.class, FileStateStore.class))
        .check(CORE);
  }

  @Test
  void itUsesNoTransport() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("io.grpc..", "io.netty..", "java.net..", "javax.net..")
        .check(CORE);
  }

  @Test
  void itStartsNoThread() {
    noClasses()
        .that(describe("do not only pass an interrupt on", type -> !isTypedBackend(type.getName())))
        .should()
        .dependOnClassesThat(belongToAnyOf(SOURCES_OF_THREADS))
        .check(CORE);
    noClasses()
        .should()
        .callMethodWhere(
            describe(
                "it runs on the common pool",
                call ->
                    call.getTargetOwner().isEquivalentTo(CompletableFuture.class)
                        && call.getName().endsWith("Async")))
        .check(CORE);
  }

  private static boolean isTypedBackend(String name) {
    return name.equals(TypedBackend.class.getName());
  }

  @Test
  void aHandlerThatIsInterruptedIsAllThatTheCoreHasToDoWithThreads() {
    classes()
        .that()
        .belongToAnyOf(TypedBackend.class)
        .should()
        .onlyCallMethodsThat(
            describe(
                "touch no thread but the current one",
                method ->
                    !method.getOwner().isEquivalentTo(Thread.class)
                        || List.of("currentThread", "interrupt").contains(method.getName())))
        .check(CORE);
  }

  @Test
  void onlyTheSchedulerReadsAClock() {
    noClasses()
        .that(describe("are not the scheduler", type -> !belongToAnyOf(Scheduler.class).test(type)))
        .should()
        .callMethodWhere(describe("it reads a clock", PackageStructureTest::readsAClock))
        .check(CORE);
  }

  private static boolean readsAClock(JavaAccess<?> call) {
    String method = call.getName();
    return call.getTargetOwner().isEquivalentTo(System.class)
        ? method.equals("nanoTime") || method.equals("currentTimeMillis")
        : call.getTargetOwner().isEquivalentTo(Clock.class)
            || (call.getTargetOwner().isEquivalentTo(Instant.class) && method.equals("now"));
  }

  @Test
  void thePageOnTheArchitectureHasThePackagesInTheSameOrder() throws IOException {
    Pattern row = Pattern.compile("(?m)^\\| \\[`(\\w+)`]\\(");
    String page = Files.readString(ROOT.resolve("docs/architecture.md"));

    assertThat(row.matcher(page).results().map(match -> match.group(1))).isEqualTo(IN_ORDER);
  }

  @Test
  void theLinksOfThatPageLeadToWhatTheyName() throws IOException {
    Path docs = ROOT.resolve("docs");
    Pattern link = Pattern.compile("\\[`?([^]`]+)`?]\\(([^):#]+)\\)");
    List<MatchResult> links =
        link.matcher(Files.readString(docs.resolve("architecture.md"))).results().toList();

    assertThat(links).hasSizeGreaterThan(IN_ORDER.size());
    for (MatchResult found : links) {
      Path target = docs.resolve(found.group(2));
      assertThat(target).exists();
      if (target.toString().endsWith(".java")) {
        assertThat(target).hasFileName(found.group(1) + ".java");
      }
    }
  }
}
