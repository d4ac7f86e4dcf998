package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Counts how often the proxy saves its state on an idle node. A kubelet lists every second. The
 * runtimes list the same containers, with map entries in changing order.
 *
 * @param time the duration of the measurement
 * @param lists the number of answered lists
 * @param saves the number of lists that were followed by a save
 */
record IdleNode(Duration time, int lists, int saves) {
  private static final int CONTAINERS = 110;
  private static final Duration SETTLE = Duration.ofSeconds(2);
  private static final Duration PACE = Duration.ofSeconds(1);

  static IdleNode measure(Testbed testbed, Duration time, EventLoopGroup loop) throws IOException {
    List<String> runtimes = List.of(Testbed.FIRST, Testbed.SECOND);
    for (String runtime : runtimes) {
      testbed.setContainersInChangingOrder(runtime, CONTAINERS);
    }
    Path state = testbed.stateFile();
    try (Daemon daemon = testbed.startProxy(runtimes, List.of("--state-file", state.toString()));
        Caller caller = new Caller(daemon.socket(), loop)) {
      double unused = daemon.awaitAnswer(() -> caller.call("ListContainers", ByteString.EMPTY));
      list(caller);
      LockSupport.parkNanos(SETTLE.toNanos());
      int lists = 0;
      int saves = 0;
      Object before = identity(state);
      for (long end = System.nanoTime() + time.toNanos(); System.nanoTime() - end < 0; lists++) {
        list(caller);
        LockSupport.parkNanos(PACE.toNanos());
        Object now = identity(state);
        saves += Objects.equals(now, before) ? 0 : 1;
        before = now;
      }
      return new IdleNode(time, lists, saves);
    }
  }

  private static void list(Caller caller) {
    caller.call("ListPodSandbox", ByteString.EMPTY);
    caller.call("ListContainers", ByteString.EMPTY);
  }

  /** Identifies a save: each one makes a new file. */
  private static @Nullable Object identity(Path file) throws IOException {
    return Files.exists(file)
        ? List.of(
            Objects.requireNonNull(Files.readAttributes(file, BasicFileAttributes.class).fileKey()),
            Files.getLastModifiedTime(file))
        : null;
  }

  @Override
  public String toString() {
    return String.format(
        "Idle node: %d saves of the state in %d s, after %d lists in changing order (bar: 0)",
        saves, time.toSeconds(), lists);
  }
}
