package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The manifests for clusters fit together, and to the program. */
class DeployTest {
  private static final Path DEPLOY = Path.of("").toAbsolutePath().resolve("deploy");
  private static final Pattern PROGRAM = Pattern.compile("/opt/criproxy/bin/criproxy ([^;\n]+)");

  static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(DEPLOY)) {
      return all.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
    }
  }

  private static List<Map<?, ?>> objects(Path file) throws IOException {
    List<Map<?, ?>> objects = new ArrayList<>();
    Load load = new Load(LoadSettings.builder().setLabel(file.toString()).build());
    for (Object document : load.loadAllFromString(Files.readString(file))) {
      objects.add((Map<?, ?>) document);
    }
    return objects;
  }

  private static List<Map<?, ?>> objects() throws IOException {
    List<Map<?, ?>> objects = new ArrayList<>();
    for (Path file : files()) {
      objects.addAll(objects(file));
    }
    return objects;
  }

  private static Object at(Object object, String... keys) {
    Object at = object;
    for (String key : keys) {
      at = at instanceof Map<?, ?> map ? map.get(key) : null;
    }
    return at;
  }

  private static List<?> list(Object object) {
    return object instanceof List<?> list ? list : List.of();
  }

  @ParameterizedTest
  @MethodSource("files")
  void eachObjectHasKindAndName(Path file) throws IOException {
    assertThat(objects(file))
        .isNotEmpty()
        .allSatisfy(
            object -> {
              assertThat(object.get("apiVersion")).isInstanceOf(String.class);
              assertThat(object.get("kind")).isInstanceOf(String.class);
            });
  }

  @Test
  void kustomizationsNameExistingFiles() throws IOException {
    for (Path file : files()) {
      for (Map<?, ?> object : objects(file)) {
        for (Object resource : list(object.get("resources"))) {
          assertThat(file.resolveSibling(resource.toString())).exists();
        }
        for (Object patch : list(object.get("patches"))) {
          assertThat(file.resolveSibling(at(patch, "path").toString())).exists();
        }
      }
    }
  }

  /** The arguments of the program in a container: its args, or those of a line of its script. */
  private static List<String> commandLines(Object container) {
    String arguments =
        list(at(container, "args")).stream().map(String::valueOf).collect(Collectors.joining(" "));
    if (at(container, "command") == null) {
      return arguments.isEmpty() ? List.of() : List.of(arguments);
    }
    return PROGRAM.matcher(arguments).results().map(found -> found.group(1)).toList();
  }

  @Test
  void everyCommandLineIsOneOfTheProgram() throws IOException {
    int seen = 0;
    for (Map<?, ?> object : objects()) {
      for (String kind : List.of("initContainers", "containers")) {
        for (Object container : list(at(object, "spec", "template", "spec", kind))) {
          for (String line : commandLines(container)) {
            seen++;
            assertThatCode(() -> CriProxy.commandLine().parseArgs(line.split(" ")))
                .as(line)
                .doesNotThrowAnyException();
          }
        }
      }
    }
    assertThat(seen).isGreaterThanOrEqualTo(5);
  }

  @Test
  void podsOfADaemonSetAreItsOwnAndRunOnLabelledNodesOnly() throws IOException {
    for (Map<?, ?> object : objects()) {
      if ("DaemonSet".equals(object.get("kind")) && at(object, "spec", "selector") != null) {
        Object template = at(object, "spec", "template");
        assertThat(at(template, "metadata", "labels"))
            .isEqualTo(at(object, "spec", "selector", "matchLabels"));
        assertThat(at(template, "spec", "nodeSelector") + "" + at(template, "spec", "affinity"))
            .contains("crirouter.io/criproxy");
        assertThat(at(template, "spec", "automountServiceAccountToken")).isEqualTo(false);
      }
    }
  }

  @Test
  void theRuntimeClassHasTheHandlerOfTheProxy() throws IOException {
    Path demo = DEPLOY.resolve("overlays/demo");
    String handler = objects(demo.resolve("runtime-class.yaml")).get(0).get("handler").toString();
    String socket = "/run/demo-runtime/runtime.sock";

    assertThat(Files.readString(demo.resolve("runtimes.yaml")))
        .contains(
            "--runtime-class=" + handler + "=demo.example", "--runtime=demo.example=" + socket);
    assertThat(Files.readString(demo.resolve("runtime.yaml")))
        .contains("--socket=" + socket, "--handler=" + handler);
    assertThat(objects(DEPLOY.resolve("example-pod.yaml")).get(0))
        .extracting(pod -> at(pod, "spec", "runtimeClassName"))
        .isEqualTo(handler);
  }
}
