package io.crirouter.examples.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;

/**
 * Tests during which all programs are well. The pods of a name must have the same events, and what
 * the kubelet behind the router complains of, the other one must complain of too, in one of them.
 */
abstract class OnQuietNodes extends OnCluster {
  /** What a kubelet of either node complains of in some runs and not in others. */
  private static final Pattern BY_CHANCE =
      Pattern.compile(
          // A probe meets a container that has just ended, or that is not known to have begun. The
          // text is containerd's; "in store" would mean that it was asked about another's.
          "ExecSync .*failed to exec in container: (?!.*in store: not found)"
              + "|Container readiness changed for unknown container"
              // These read control groups, perhaps of what has just begun or ended, and ask no
              // runtime.
              + "|^. (cadvisor_stats_provider|container_manager_linux)\\.go "
              + "|failed to read (memory|CPU) .*cgroup .*no such file or directory"
              // A user's session ends, perhaps while the kubelet asks about its container.
              + "|Error proxying data|Error on socket receive|ContainerStatus .*context canceled"
              // Of pods that were deleted before. Two threads of a kubelet remove containers.
              + "|Path \"/var/lib/kubelet/pods/UID/volumes\" does not exist"
              + "|RemoveContainer .*is already in removing state"
              + "|(ContainerStatus|failed to remove pod init container) .*NotFound desc = an error"
              // The machine is busy.
              + "|Housekeeping took longer than expected");

  /**
   * The same of deletion: what is stopped several times is gone, or half gone, in the end. Several
   * threads of a kubelet stop and remove the same; which of them is told, and in which call, is
   * chance. The text is containerd's: the router never words an unknown id like this.
   */
  private static final Pattern BY_CHANCE_OF_DELETION =
      Pattern.compile(
          "NotFound desc = an error occurred when try to find"
              + "|(killContainer|KillContainerError|KillPodSandboxError|StopPodSandbox"
              + "|StopContainer|ContainerStatus|DeleteContainer|DeleteSandbox)"
              + ".*failed to destroy network"
              + "|ExecSync .*in store: not found"
              + "|Failed to stop sandbox"
              // The kubelet has a queue of fifty for what it removes; the node has more pods.
              + "|Failed to issue the request to remove");

  /** What the kubelet without a router complained of in these tests so far. */
  private static final SortedSet<String> OF_DIRECT = new TreeSet<>();

  private KubeletLog direct;
  private KubeletLog routed;

  OnQuietNodes(Cluster cluster) {
    super(cluster);
  }

  @BeforeAll
  final void beginLogs() {
    direct = KubeletLog.startingNow(cluster.direct().kubelet());
    routed = KubeletLog.startingNow(cluster.routed().kubelet());
  }

  @Override
  final void beforeDeletion() {
    assertThat(complaintsOfRoutedAlone(BY_CHANCE))
        .as("complaints of the kubelet behind the router alone")
        .isEmpty();
  }

  @Override
  final void afterDeletion() {
    pods().forEach(EverywherePods::assertSameEvents);
    assertThat(complaintsOfRoutedAlone(Pattern.compile(BY_CHANCE + "|" + BY_CHANCE_OF_DELETION)))
        .as("complaints of the kubelet behind the router alone, with those of deletion")
        .isEmpty();
  }

  private SortedSet<String> complaintsOfRoutedAlone(Pattern byChance) {
    SortedSet<String> complaints = routed.complaints();
    OF_DIRECT.addAll(direct.complaints());
    complaints.removeAll(OF_DIRECT);
    complaints.removeIf(byChance.asPredicate());
    return complaints;
  }
}
