package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks the preconditions of an installation, before anything is changed. */
final class Preflight {
  private static final long MIB = 1 << 20;

  /** The memory of the proxy (docs/footprint.md) and of the installer. */
  private static final long MEMORY_MIB = 200;

  private static final long PROGRAM_MIB = 120;
  private static final long FILES_MIB = 2;

  private final Node node;
  private final InstallPlan plan;
  private final List<String> problems = new ArrayList<>();

  private Preflight(Node node, InstallPlan plan) {
    this.node = node;
    this.plan = plan;
  }

  /**
   * Checks the node.
   *
   * @throws RefusedException if a check fails; the message has all failures
   */
  static void require(Node node, InstallPlan plan, InstallOptions options)
      throws IOException, InterruptedException, RefusedException {
    Preflight preflight = new Preflight(node, plan);
    preflight.checkMemory();
    preflight.checkFiles();
    preflight.checkSocket();
    preflight.checkKubelet();
    preflight.checkRuntimes(options);
    if (!preflight.problems.isEmpty()) {
      throw new RefusedException(String.join("\n", preflight.problems));
    }
  }

  /**
   * Checks that there is space for one more copy of the program.
   *
   * @throws RefusedException if there is not
   */
  static void requireSpaceForProgram(Node node) throws IOException, RefusedException {
    Optional<String> why = spaceProblem(node, ProxyProgram.FOLDER, PROGRAM_MIB);
    if (why.isPresent()) {
      throw new RefusedException(why.get());
    }
  }

  private void checkMemory() throws IOException {
    Matcher available =
        Pattern.compile("MemAvailable:\\s+(\\d+) kB")
            .matcher(node.files().read("/proc/meminfo").orElse(""));
    if (available.find() && Long.parseLong(available.group(1)) / 1024 < MEMORY_MIB) {
      problems.add("less than " + MEMORY_MIB + " MiB of memory are available");
    }
  }

  private void checkFiles() throws IOException {
    if (plan.program().source().isPresent()) {
      checkSpace(ProxyProgram.FOLDER, PROGRAM_MIB);
    }
    checkSpace(JournalFile.PATH, FILES_MIB);
    for (FileChange file : plan.files()) {
      checkSpace(file.path(), FILES_MIB);
    }
  }

  private void checkSpace(String path, long mib) throws IOException {
    spaceProblem(node, path, mib).ifPresent(problems::add);
  }

  private static Optional<String> spaceProblem(Node node, String path, long mib)
      throws IOException {
    Optional<String> why = node.files().writeProblem(path);
    if (why.isPresent()) {
      return Optional.of(path + " cannot be written: " + why.get());
    }
    return node.files().usableBytes(path) < mib * MIB
        ? Optional.of("less than " + mib + " MiB are free for " + path)
        : Optional.empty();
  }

  private void checkSocket() throws IOException, InterruptedException {
    if (new Systemctl(node).isActive(ProxyProgram.UNIT)) {
      return;
    }
    try (RuntimeLink link = RuntimeLink.open(node, plan.proxy())) {
      String name = link.version().getRuntimeName();
      problems.add(
          plan.proxy().socket() + " is in use by " + name + ", which is not " + ProxyProgram.UNIT);
    } catch (IOException e) {
      // No process listens there.
    }
  }

  private void checkKubelet() throws IOException {
    new KubeletHealth(node, new Systemctl(node), plan.kubelet().process().unit())
        .problem()
        .ifPresent(why -> problems.add("the kubelet is not healthy now: " + why));
  }

  /** Checks the cgroup drivers: the router refuses a runtime whose driver is not the primary's. */
  private void checkRuntimes(InstallOptions options) throws InterruptedException, RefusedException {
    Optional<String> driver = driver(plan.kubelet().endpoint());
    for (Map.Entry<String, String> runtime : options.runtimes().entrySet()) {
      Optional<String> other = driver(Endpoint.parse(runtime.getValue()));
      if (driver.isPresent() && other.isPresent() && !other.equals(driver)) {
        problems.add(
            "runtime %s has the cgroup driver %s, the primary has %s"
                .formatted(runtime.getKey(), other.get(), driver.get()));
      }
    }
  }

  private Optional<String> driver(Endpoint endpoint) throws InterruptedException {
    try (RuntimeLink link = RuntimeLink.open(node, endpoint)) {
      return link.cgroupDriver();
    }
  }
}
