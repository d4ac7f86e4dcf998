package io.crirouter.testkit.containerd;

/**
 * Two containerd instances of one line, for the primary and a secondary of a router, and the
 * registry that both pull from. Closing removes everything. Thread-safe.
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
   * @throws RuntimeException with the end of the log if one does not start; all is removed then
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

  /** The instance for the primary. */
  public ContainerdInstance primary() {
    return primary;
  }

  /** The instance for a secondary. */
  public ContainerdInstance special() {
    return special;
  }

  /** The registry of both. */
  public TestRegistry registry() {
    return registry;
  }

  /** The run, whose folder tests may also use for files, such as container logs. */
  public RunDirectory run() {
    return run;
  }

  /** Ends and removes everything. Closing again has no effect. */
  @Override
  public void close() {
    run.close();
  }

  @Override
  public String toString() {
    return primary + " and " + special;
  }
}
