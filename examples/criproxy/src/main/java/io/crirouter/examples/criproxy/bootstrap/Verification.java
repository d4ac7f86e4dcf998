package io.crirouter.examples.criproxy.bootstrap;

import io.crirouter.examples.criproxy.bootstrap.Journal.State;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Checks an installation. Changes nothing. */
final class Verification {
  private static final Duration PAUSE = Duration.ofSeconds(1);
  private static final int ROUNDS = 5;

  private final Node node;
  private final Systemctl systemctl;
  private final List<Finding> findings = new ArrayList<>();

  /**
   * The result of one check.
   *
   * @param what the expectation
   * @param problem how it is violated; empty if it holds
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
   * Runs all checks.
   *
   * @param upgrade the upgrade, which may be unfinished
   */
  static List<Finding> of(Node node, Journal journal, Upgrade upgrade) throws InterruptedException {
    Verification verification = new Verification(node);
    verification.checkAll(journal, upgrade);
    return List.copyOf(verification.findings);
  }

  /** A check; returns why it fails, or empty. */
  @FunctionalInterface
  private interface Check {
    Optional<String> problem() throws IOException, InterruptedException, RefusedException;
  }

  private void check(String what, Check check) throws InterruptedException {
    Optional<String> problem;
    try {
      problem = check.problem();
    } catch (IOException | RefusedException e) {
      problem = Optional.of(String.valueOf(e.getMessage()));
    }
    findings.add(new Finding(what, problem));
  }

  private static Optional<String> unless(boolean isGood, String problem) {
    return isGood ? Optional.empty() : Optional.of(problem);
  }

  private void checkAll(Journal journal, Upgrade upgrade) throws InterruptedException {
    check(
        "the installation is committed",
        () -> unless(journal.state() == State.INSTALLED, "it is " + journal.state()));
    check(
        "no upgrade is unfinished",
        () -> unless(!upgrade.isUnderWay(), "repeat \"criproxy bootstrap install\""));
    check(
        ProxyProgram.UNIT + " runs",
        () -> unless(systemctl.isActive(ProxyProgram.UNIT), "see journalctl -u criproxy"));
    check(
        ProxyProgram.UNIT + " is started at boot",
        () -> unless(systemctl.isEnabled(ProxyProgram.UNIT), "systemctl enable criproxy"));
    check("the primary answers at " + journal.primary(), () -> answers(journal.primaryEndpoint()));
    check("the proxy answers at " + journal.proxy(), () -> answers(journal.proxyEndpoint()));
    check("the proxy lists all that the primary lists", () -> lists(journal));
    check("the kubelet uses the proxy", () -> endpoint(journal));
    check("an upgrade by kubeadm keeps the proxy's endpoint", () -> kubeadmChanges(journal));
    check(
        "the kubelet is healthy",
        () -> new KubeletHealth(node, systemctl, journal.kubeletUnit()).problem());
  }

  private Optional<String> answers(Endpoint endpoint) throws IOException, InterruptedException {
    try (RuntimeLink link = RuntimeLink.open(node, endpoint)) {
      return unless(!link.version().getRuntimeName().isEmpty(), "it returns no runtime name");
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
    Endpoint inForce = Kubelet.detectAndVerify(node).endpoint();
    return unless(inForce.equals(journal.proxyEndpoint()), "it uses " + inForce);
  }

  private Optional<String> kubeadmChanges(Journal journal) throws IOException, RefusedException {
    List<String> places = new ArrayList<>();
    for (FileChange change :
        EndpointEdits.of(node, Kubelet.detect(node), journal.proxyEndpoint())) {
      places.add(change.path());
    }
    return unless(
        places.isEmpty(),
        String.join(" and ", places) + " must be set to " + journal.proxy() + " too");
  }
}
