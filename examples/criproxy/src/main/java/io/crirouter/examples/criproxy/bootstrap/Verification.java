package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.examples.criproxy.bootstrap.Journal.State;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether an installation is as it should be; changes nothing. */
final class Verification {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int ROUNDS = 5;

  private final Node node;
  private final Systemctl systemctl;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * What one look found.
   *
   * @param what was looked at
   * @param problem what is wrong with it, if something is
   */
  record Finding(String what, Optional<String> problem) {
    @Override
    public String toString() {
      return problem.map(why -> "FAILED  " + what + ": " + why).orElse("ok      " + what);
    }
  }

  private Verification(Node node) {
    this.node = node;
    this.systemctl = new Systemctl(node);
  }

  /**
   * Looks at everything.
   *
   * @param upgrade to another version, which may be under way
   */
  static List<Finding> of(Node node, Journal journal, Upgrade upgrade) throws InterruptedException {
    Verification verification = new Verification(node);
    verification.lookAtAll(journal, upgrade);
    return List.copyOf(verification.findings);
  }

  /** A look, which fails with the reason. */
  @FunctionalInterface
  private interface Look {
    Optional<String> problem() throws IOException, InterruptedException, RefusedException;
  }

  private void look(String what, Look look) throws InterruptedException {
    Optional<String> problem;
    try {
      problem = look.problem();
    } catch (IOException | RefusedException e) {
      problem = Optional.of(String.valueOf(e.getMessage()));
    }
    findings.add(new Finding(what, problem));
  }

  private static Optional<String> unless(boolean isGood, String problem) {
    return isGood ? Optional.empty() : Optional.of(problem);
  }

  private void lookAtAll(Journal journal, Upgrade upgrade) throws InterruptedException {
    look(
        "the installation is committed",
        () -> unless(journal.state() == State.INSTALLED, "it is " + journal.state()));
    look(
        "no upgrade is half done",
        () -> unless(!upgrade.isUnderWay(), "repeat \"criproxy bootstrap install\""));
    look(
        ProxyProgram.UNIT + " runs",
        () -> unless(systemctl.isActive(ProxyProgram.UNIT), "see journalctl -u criproxy"));
    look(
        ProxyProgram.UNIT + " is started at boot",
        () -> unless(systemctl.isEnabled(ProxyProgram.UNIT), "systemctl enable criproxy"));
    look("the primary answers at " + journal.primary(), () -> answers(journal.primaryEndpoint()));
    look("the proxy answers at " + journal.proxy(), () -> answers(journal.proxyEndpoint()));
    look("the proxy lists all that the primary lists", () -> lists(journal));
    look("the kubelet uses the proxy", () -> endpoint(journal));
    look("an upgrade by kubeadm changes nothing of that", () -> survival(journal));
    look(
        "the kubelet is well",
        () -> new KubeletHealth(node, systemctl, journal.kubeletUnit()).whyNot());
  }

  private Optional<String> answers(Endpoint endpoint) throws IOException, InterruptedException {
    try (RuntimeLink link = RuntimeLink.open(node, endpoint)) {
      return unless(!link.version().getRuntimeName().isEmpty(), "it does not say its name");
    }
  }

  private Optional<String> lists(Journal journal)
      throws IOException, InterruptedException, RefusedException {
    try (RuntimeLink direct = RuntimeLink.open(node, journal.primaryEndpoint());
        RuntimeLink routed = RuntimeLink.open(node, journal.proxyEndpoint())) {
      List<String> differences = ListsAction.differences(direct, routed);
      for (int round = 1; !differences.isEmpty() && round < ROUNDS; round++) {
        node.pause(PAUSE);
        differences = ListsAction.differences(direct, routed);
      }
      return unless(differences.isEmpty(), "it does not list " + String.join(", ", differences));
    }
  }

  private Optional<String> endpoint(Journal journal) throws IOException, RefusedException {
    Endpoint inForce = Kubelet.detectAndAsk(node).endpoint();
    return unless(inForce.equals(journal.proxyEndpoint()), "it uses " + inForce);
  }

  private Optional<String> survival(Journal journal) throws IOException, RefusedException {
    List<String> places = new ArrayList<>();
    for (FileChange change :
        EndpointEdits.of(node, Kubelet.detect(node), journal.proxyEndpoint())) {
      places.add(change.path());
    }
    return unless(
        places.isEmpty(),
        String.join(" and ", places) + " should say " + journal.proxy() + " too, and do not");
  }
}
