package io.crirouter.examples.criproxy;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.crirouter.examples.criproxy.AdminCommands.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The admin commands for pods, ids and placements. */
@Timeout(30)
class AdminCommandsTest {
  @TempDir private Path folder;
  private AdminNode node;
  private String web;
  private String vm;
  private String container;

  @BeforeEach
  void runPods() throws Exception {
    node = new AdminNode(folder);
    web = node.runPod("web", "");
    vm = node.runPod("vm", "virtlet.cloud");
    container = node.createContainer(vm, "vm", "virtlet.cloud");
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private Outcome ask(String... args) {
    return AdminCommands.ask(node.admin(), args);
  }

  @Test
  void podsAreListedWithTheirRuntimes() {
    Outcome outcome = ask("pods");

    assertThat(outcome.exit()).isZero();
    assertThat(outcome.out().replaceAll(" [0-9]+s  ", " 1s  "))
        .isEqualTo(
            """
            NAMESPACE  NAME  RUNTIME        STATE  AGE  RUNNING  CONTAINERS  ID
            default    vm    virtlet.cloud  ready  1s         0           1  %s
            default    web   containerd     ready  1s         0           0  %s
            """
                .formatted(vm.substring(0, 19), web.substring(0, 13)));
    assertThat(ask("pods", "--runtime", "containerd").out()).contains("web").doesNotContain("vm");
    assertThat(ask("pods", "--runtime", "kata").out())
        .isEqualTo("no pods are known of runtime kata\n");
  }

  @Test
  void theConfigurationHasTheAdminSocket() throws Exception {
    String config = node.admin().resolveSibling("criproxy.yaml").toString();
    // JSON, because the table has ages.
    assertThat(AdminCommands.run("pods", "-o=json", "--config", config).out())
        .isEqualTo(ask("pods", "-o=json").out());

    Path other = folder.resolve("other.yaml");
    Files.writeString(
        other, "listen: /x.sock\nadmin: {socket: " + node.admin() + "}\nbackend: broken\n");
    assertThat(AdminCommands.run("pods", "-o=json", "--config", other.toString()).out())
        .isEqualTo(ask("pods", "-o=json").out());

    Files.writeString(other, "listen: /x.sock\nadmin: {socket: off}\n");
    Outcome off = AdminCommands.run("pods", "--config", other.toString());
    assertThat(off.exit()).isEqualTo(2);
    assertThat(off.err()).isEqualTo("criproxy: " + other + ": admin.socket is off\n");
  }

  @Test
  void podsOfALostRuntimeAreMarked() throws Exception {
    node.stopVirtlet();
    while (!ask("pods").out().contains("ready?")) {
      Thread.onSpinWait();
    }

    assertThat(ask("pods").out())
        .endsWith("\n?: the last known state; criproxy status shows why\n");
  }

  @Test
  void jsonHasPodsWithFullIds() {
    JsonArray pods =
        JsonParser.parseString(ask("pods", "-o", "json").out())
            .getAsJsonObject()
            .getAsJsonArray("pods");

    JsonObject first = pods.get(0).getAsJsonObject();
    assertThat(first.get("id").getAsString()).isEqualTo(vm);
    assertThat(first.keySet())
        .containsExactly(
            "namespace",
            "name",
            "runtime",
            "id",
            "runtimeId",
            "state",
            "createdAt",
            "containers",
            "running",
            "lastKnown");
  }

  @Test
  void theOwnerOfAnIdIsShownAlsoForAShortenedId() {
    Outcome whole = ask("owner", container);

    assertThat(whole.exit()).isZero();
    assertThat(whole.out())
        .isEqualTo(
            """
            runtime     virtlet.cloud
            container   main
            state       CONTAINER_CREATED
            id          %s
            at runtime  %s
            pod id      %s
            """
                .formatted(container, container.substring(6), vm));
    assertThat(ask("owner", container.substring(0, 15))).isEqualTo(whole);
    assertThat(ask("owner", container.substring(6))).isEqualTo(whole);
    assertThat(ask("owner", web).out())
        .contains("runtime     containerd\npod         default/web\n");
  }

  @Test
  void anAmbiguousIdIsShownWithAllMatches() {
    Outcome outcome = ask("owner", "virt__");

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.out())
        .startsWith("virt__ is ambiguous: 2 ids match\n\nRUNTIME")
        .contains("pod        default/vm", "container  main");
  }

  @Test
  void anUnknownIdIsAFailure() {
    assertThat(ask("owner", "ffff"))
        .isEqualTo(new Outcome(1, "no runtime has a known id that begins with ffff\n", ""));
    assertThat(ask("owner", "").err()).isEqualTo("criproxy: the id is empty\n");
  }

  private Path manifest(String yaml) throws IOException {
    return Files.writeString(folder.resolve("pod.yaml"), yaml);
  }

  @Test
  void thePlacementOfAManifestIsShownWithTheAnswersOfAllPolicies() throws Exception {
    Path file =
        manifest(
            """
            kind: Pod
            metadata: {name: db, namespace: shop, labels: {a: b}}
            spec: {runtimeClassName: vm, hostNetwork: true, containers: [{name: c}]}
            """);

    Outcome outcome = ask("where", "-f", file.toString());

    assertThat(outcome.exit()).isZero();
    assertThat(outcome.out())
        .isEqualTo(
            """
            pod shop/db goes to virtlet.cloud: a policy decides
            it has: runtime handler vm (assumed from its RuntimeClass: set --runtime-handler if it differs),
                host network, 0 annotations, 1 label

            POLICY                                    RESULT
            annotation(kubernetes.io/target-runtime)  no decision
            runtimeHandler({vm=virtlet.cloud})        virtlet.cloud  decides
            """);
    assertThat(ask("where", "-f", file.toString(), "--runtime-handler", "runc").out())
        .startsWith("pod shop/db goes to containerd: no policy decides, so the primary gets it\n")
        .contains("it has: runtime handler runc, host network");
  }

  @Test
  void aPodThatHasASandboxStaysThere() throws Exception {
    Path file =
        manifest(
            "kind: Pod\nmetadata: {name: vm, uid: uid-vm}\nspec: {containers: [{name: main}]}\n");

    assertThat(ask("where", "-f", file.toString()).out())
        .startsWith("pod default/vm goes to virtlet.cloud: it has a sandbox there already");
  }

  @Test
  void aPodThatWouldBeRefusedIsAFailureWithTheReason() throws Exception {
    Path file =
        manifest(
            """
            apiVersion: batch/v1
            kind: CronJob
            metadata: {name: nightly}
            spec:
              jobTemplate:
                spec:
                  template:
                    metadata: {annotations: {kubernetes.io/target-runtime: kata}}
                    spec: {containers: [{name: c, securityContext: {privileged: true}}]}
            """);

    Outcome outcome = ask("where", "-f", file.toString());

    assertThat(outcome.exit()).isEqualTo(1);
    assertThat(outcome.out())
        .startsWith("pod default/nightly-... would be refused: pod default/nightly-... asks for")
        .contains("it has: privileged, 1 annotation, 0 labels", "kata         decides");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "kind: Service | has no pod",
        "a: [b | is not YAML",
        "- just text | has no pod",
      })
  void aFileWithoutPodsIsRefused(String yaml, String reason) throws Exception {
    Outcome outcome = ask("where", "-f", manifest(yaml).toString());

    assertThat(outcome.exit()).isEqualTo(2);
    assertThat(outcome.err()).contains(reason);
  }

  @Test
  void aMissingFileIsRefused() {
    assertThat(ask("where", "-f", "/none.yaml"))
        .isEqualTo(new Outcome(2, "", "criproxy: cannot read /none.yaml: it does not exist\n"));
  }
}
