package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds out what would fail on the way, before anything is changed. */
final class Preflight {
  private static final long MIB = 1 << 20;

  /** docs/footprint.md, with room for the installer, which runs at the same time. */
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
   * Looks at the node.
   *
   * @throws RefusedException with all that is wrong
   */
  static void require(Node node, InstallPlan plan, InstallOptions options)
      throws IOException, InterruptedException, RefusedException {
    Preflight preflight = new Preflight(node, plan);
    preflight.lookAtMemory();
    preflight.lookAtFiles();
    preflight.lookAtSocket();
    preflight.lookAtKubelet();
    preflight.lookAtRuntimes(options);
    if (!preflight.problems.isEmpty()) {
      throw new RefusedException(String.join("\n", preflight.problems));
    }
  }

  /**
   * Looks whether one more copy of the program can be made.
   *
   * @throws RefusedException if not
   */
  static void requireSpaceForProgram(Node node) throws IOException, RefusedException {
    Optional<String> why = whyNoSpace(node, ProxyProgram.FOLDER, PROGRAM_MIB);
    if (why.isPresent()) {
      throw new RefusedException(why.get());
    }
  }

  private void lookAtMemory() throws IOException {
    Matcher available =
        Pattern.compile("MemAvailable:\\s+(\\d+) kB")
            .matcher(node.files().read("/proc/meminfo").orElse(""));
    if (available.find() && Long.parseLong(available.group(1)) / 1024 < MEMORY_MIB) {
      problems.add("less than " + MEMORY_MIB + " MiB of memory are available");
    }
  }

  private void lookAtFiles() throws IOException {
    if (plan.program().source().isPresent()) {
      lookAtSpace(ProxyProgram.FOLDER, PROGRAM_MIB);
    }
    lookAtSpace(JournalFile.PATH, FILES_MIB);
    for (FileChange file : plan.files()) {
      lookAtSpace(file.path(), FILES_MIB);
    }
  }

  private void lookAtSpace(String path, long mib) throws IOException {
    whyNoSpace(node, path, mib).ifPresent(problems::add);
  }

  private static Optional<String> whyNoSpace(Node node, String path, long mib) throws IOException {
    Optional<String> why = node.files().whyNotWritable(path);
    if (why.isPresent()) {
      return Optional.of(path + " cannot be written: " + why.get());
    }
    return node.files().usableBytes(path) < mib * MIB
        ? Optional.of("less than " + mib + " MiB are free for " + path)
        : Optional.empty();
  }

  private void lookAtSocket() throws IOException, InterruptedException {
    if (new Systemctl(node).isActive(ProxyProgram.UNIT)) {
      return;
    }
    try (RuntimeLink link = RuntimeLink.open(node, plan.proxy())) {
      String name = link.version().getRuntimeName();
      problems.add(
          plan.proxy().socket() + " is in use by " + name + ", which is not " + ProxyProgram.UNIT);
    } catch (IOException e) {
      // Nobody is there.
    }
  }

  private void lookAtKubelet() throws IOException {
    new KubeletHealth(node, new Systemctl(node), plan.kubelet().process().unit())
        .whyNot()
        .ifPresent(why -> problems.add("the kubelet is not well as it is: " + why));
  }

  /** The router takes another cgroup driver than the primary's for an error. */
  private void lookAtRuntimes(InstallOptions options)
      throws InterruptedException, RefusedException {
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
