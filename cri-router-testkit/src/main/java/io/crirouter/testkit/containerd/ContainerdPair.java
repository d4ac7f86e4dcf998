package io.crirouter.testkit.containerd;

/**
 * Two containerd instances of one line, side by side as a router's primary and another backend, and
 * the registry that both pull from. Closing it leaves no trace. Thread-safe.
 */
public final class ContainerdPair implements AutoCloseable {
  private final RunDirectory run;
  private final TestRegistry registry;
  private final ContainerdInstance primary;
  private final ContainerdInstance special;

  private ContainerdPair(
      RunDirectory run,
      TestRegistry registry,
      ContainerdInstance primary,
      ContainerdInstance special) {
    this.run = run;
    this.registry = registry;
    this.primary = primary;
    this.special = special;
  }

  /**
   * Starts both and returns when they serve CRI.
   *
   * @throws RuntimeException if one does not start, with the end of its log; nothing is left then
   */
  public static ContainerdPair start(ContainerdLine line) {
    RunDirectory run = RunDirectory.create();
    try {
      TestRegistry registry = TestRegistry.start(run);
      return new ContainerdPair(
          run,
          registry,
          start("primary", line, run, registry),
          start("special", line, run, registry));
    } catch (RuntimeException e) {
      run.close();
      throw e;
    }
  }

  private static ContainerdInstance start(
      String name, ContainerdLine line, RunDirectory run, TestRegistry registry) {
    return ContainerdInstance.builder(name).line(line).run(run).registry(registry).start();
  }

  /** The one whose ids a router leaves unchanged. */
  public ContainerdInstance primary() {
    return primary;
  }

  /** The other one. */
  public ContainerdInstance special() {
    return special;
  }

  /** Where both pull from. */
  public TestRegistry registry() {
    return registry;
  }

  /** The folder of everything; also good for a test's own files, such as container logs. */
  public RunDirectory run() {
    return run;
  }

  /** Ends all of it; closing again does nothing. */
  @Override
  public void close() {
    run.close();
  }

  @Override
  public String toString() {
    return primary + " and " + special;
  }
}
