package io.crirouter.examples.criproxy.bootstrap;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The changes of the endpoint in the files of a kubelet and its kubeadm. */
class EndpointEditsTest {
  private static final Endpoint PROXY = new Endpoint(FakeNode.PROXY);

  @TempDir private Path root;

  private static List<FileChange> edits(FakeNode node) throws Exception {
    return EndpointEdits.of(node, Kubelet.detect(node), PROXY);
  }

  @ParameterizedTest
  @EnumSource
  void afterEachChangeTheKubeletUsesTheOldOrTheNewEndpoint(Generation generation) throws Exception {
    FakeNode node = generation.node(root);
    assertThat(Kubelet.detect(node).endpoint().socket()).isEqualTo(node.kubelet().socket());

    for (FileChange change : edits(node)) {
      assertThat(node.kubelet().socketAfterRestart()).isIn(FakeNode.CONTAINERD, FakeNode.PROXY);
      node.put(change.path(), change.after());
    }

    node.kubelet().start();
    assertThat(node.kubelet().socket()).isEqualTo(FakeNode.PROXY);
    assertThat(node.kubelet().imageSocket()).isEqualTo(FakeNode.PROXY);
    assertThat(edits(node)).as("nothing is left to change").isEmpty();
    assertThat(Kubelet.detect(node).endpoint()).isEqualTo(PROXY);
  }

  @Test
  void upTo133TheFlagIsChangedAndNothingElse() throws Exception {
    FakeNode node = Generation.KUBEADM_1_20.node(root);

    assertThat(edits(node))
        .singleElement()
        .extracting(FileChange::diff)
        .isEqualTo(
            """
            --- a/var/lib/kubelet/kubeadm-flags.env
            +++ b/var/lib/kubelet/kubeadm-flags.env
            @@ -1,1 +1,1 @@
            -KUBELET_KUBEADM_ARGS="--container-runtime=remote \
            --container-runtime-endpoint=/run/containerd/containerd.sock \
            --hostname-override=node-1"
            +KUBELET_KUBEADM_ARGS="--container-runtime=remote \
            --container-runtime-endpoint=unix:///run/criproxy/criproxy.sock \
            --hostname-override=node-1"
            """);
  }

  @Test
  void from134BothFilesAreChangedAndAFlagThatWouldWinIsRemoved() throws Exception {
    FakeNode node = Generation.KUBEADM_1_36_WITH_FLAG.node(root);

    List<FileChange> edits = edits(node);

    assertThat(edits)
        .extracting(FileChange::path)
        .as("the flag goes last: until then it counts")
        .containsExactly(FakeKubelet.INSTANCE, FakeKubelet.CONFIG, FakeKubelet.FLAGS);
    assertThat(edits.get(0).after())
        .isEqualTo("containerRuntimeEndpoint: \"unix:///run/criproxy/criproxy.sock\"\n");
    assertThat(edits.get(1).diff())
        .contains("+containerRuntimeEndpoint: unix:///run/criproxy/criproxy.sock\n")
        .contains(" # a comment of the operator\n")
        .hasLineCount(11);
    assertThat(edits.get(2).after())
        .isEqualTo(
            "KUBELET_KUBEADM_ARGS=\"--pod-infra-container-image=registry.k8s.io/pause:3.10\"\n");
  }

  @Test
  void commentsAndQuotesStayAndTheImageEndpointIsChangedToo() throws Exception {
    FakeNode node = Generation.BOTH_ENDPOINTS.node(root);

    assertThat(edits(node).get(0).after())
        .isEqualTo(
            """
            # of this node
            containerRuntimeEndpoint: 'unix:///run/criproxy/criproxy.sock' # the runtime
            imageServiceEndpoint: unix:///run/criproxy/criproxy.sock
            """);
  }

  @Test
  void aMissingEndpointIsAddedWhereItSurvivesAnUpgrade() throws Exception {
    FakeNode node = Generation.KUBEADM_WITHOUT_ENDPOINT.node(root);

    assertThat(edits(node))
        .extracting(FileChange::path)
        .containsExactly(FakeKubelet.CONFIG, FakeKubelet.INSTANCE);
    assertThat(edits(node).get(0).after())
        .as("in the order in which kubeadm writes keys")
        .contains(
            """
            clusterDomain: cluster.local
            containerRuntimeEndpoint: "unix:///run/criproxy/criproxy.sock"
            cpuManagerReconcilePeriod: 0s
            """);
  }
}
