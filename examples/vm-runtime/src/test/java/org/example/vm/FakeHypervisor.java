package org.example.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Fake machines. They outlive runtimes, as those of QEMU do. */
final class FakeHypervisor implements Hypervisor {
  final Map<String, FakeMachine> machines = new ConcurrentHashMap<>();
  final List<MachineSpec> booted = new CopyOnWriteArrayList<>();

  /** The error with which booting fails; empty if it succeeds. */
  volatile Optional<String> failure = Optional.empty();

  /** Whether guests listen to the power button. */
  volatile boolean listening = true;

  @Override
  public Optional<String> reasonNotReady() {
    return failure;
  }

  @Override
  public Machine boot(MachineSpec spec) throws IOException {
    if (failure.isPresent()) {
      throw new IOException(failure.get());
    }
    Files.createDirectories(spec.folder());
    booted.add(spec);
    FakeMachine machine = new FakeMachine(spec.folder());
    machines.put(spec.id(), machine);
    return machine.connect();
  }

  @Override
  public Optional<Machine> find(String id, Path folder) {
    return Optional.ofNullable(machines.get(id))
        .filter(machine -> !machine.ended.isDone())
        .map(FakeMachine::connect);
  }

  /** Waits for input of a guest. */
  void awaitTyped(String id, String text) throws IOException {
    Path input = machines.get(id).folder.resolve(Qemu.CONSOLE_INPUT);
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    while (!Files.readString(input).equals(text)) {
      if (System.nanoTime() - deadline > 0) {
        throw new AssertionError("typed: " + Files.readString(input));
      }
      LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
    }
  }

  /** The only running machine. */
  FakeMachine theMachine() {
    return machines.values().stream()
        .filter(machine -> !machine.ended.isDone())
        .findFirst()
        .orElseThrow();
  }

  /** A machine. */
  final class FakeMachine {
    final CompletableFuture<Machine.End> ended = new CompletableFuture<>();
    private final Path folder;
    private final List<Connection> connections = new ArrayList<>();

    private FakeMachine(Path folder) {
      this.folder = folder;
    }

    private synchronized Connection connect() {
      Connection connection = new Connection(this);
      connections.add(connection);
      return connection;
    }

    void print(String text) throws IOException {
      Files.writeString(
          folder.resolve(Qemu.CONSOLE_OUTPUT),
          text,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    }

    synchronized void end(Machine.End how) {
      ended.complete(how);
      connections.forEach(connection -> connection.end(how));
    }
  }

  private final class Connection implements Machine {
    private final FakeMachine machine;
    private final CompletableFuture<End> end = new CompletableFuture<>();
    private volatile boolean closed;

    Connection(FakeMachine machine) {
      this.machine = machine;
    }

    private void end(End how) {
      if (!closed) {
        end.complete(how);
      }
    }

    @Override
    public void powerDown() {
      if (listening) {
        machine.end(End.POWERED_OFF);
      }
    }

    @Override
    public void kill() {
      machine.end(End.KILLED);
    }

    @Override
    public CompletableFuture<End> end() {
      return end;
    }

    @Override
    public long pid() {
      return ProcessHandle.current().pid();
    }

    @Override
    public void close() {
      closed = true;
    }
  }
}
