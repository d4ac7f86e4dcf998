package io.crirouter.testkit.router;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.crirouter.core.BackendName;
import io.crirouter.core.CriRequest;
import io.crirouter.core.CriRouter;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.core.StateStore;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;

/**
 * A primary and two secondaries behind a router that is restarted at times, also with other names
 * for the secondaries. Records each call that reaches a runtime that does not own the pod.
 */
final class ChaosNode implements AutoCloseable {
  private static final String PRIMARY = "containerd";

  /** The names of the secondaries, with different id prefixes. */
  private static final List<String> NAMES =
      List.of("virtlet.cloud", "kata.local", "firecracker.io", "gvisor.dev");

  private static final int SECONDARIES = 2;
  private static final int ID_LENGTH = 64;
  private static final int HEX = 16;
  private static final Duration STEP = Duration.ofMillis(50);

  private final ManualScheduler time = new ManualScheduler();
  private final IdStrategy ids;
  private final StateStore store;
  private final List<FakeRuntime> runtimes = new ArrayList<>();
  private final List<String> names = new ArrayList<>();
  private final Map<String, FakeRuntime> owners = new HashMap<>();
  private final List<String> strayCalls = new ArrayList<>();
  private CriRouter router;

  ChaosNode(IdStrategy ids, StateStore store) {
    this.ids = ids;
    this.store = store;
    names.add(PRIMARY);
    names.addAll(NAMES.subList(0, SECONDARIES));
    for (String name : names) {
      runtimes.add(runtime(name));
    }
    router = start();
  }

  private FakeRuntime runtime(String name) {
    int index = runtimes.size();
    return FakeRuntime.named(name).scheduler(time).ids(idsOf(index, new Random(index))).build();
  }

  /** Records the owner of each new id, because a pod may be removed before it is listed. */
  private Supplier<String> idsOf(int runtime, Random random) {
    return () -> {
      StringBuilder id = new StringBuilder();
      while (id.length() < ID_LENGTH) {
        id.append(Character.forDigit(random.nextInt(HEX), HEX));
      }
      owners.put(id.toString(), runtimes.get(runtime));
      return id.toString();
    };
  }

  private CriRouter start() {
    CriRouter.Builder builder = CriRouter.builder().scheduler(time).stateStore(store).ids(ids);
    builder.primary(BackendName.of(PRIMARY), new Watched(runtimes.get(0)));
    for (int i = 1; i < runtimes.size(); i++) {
      builder.secondary(BackendName.of(names.get(i)), new Watched(runtimes.get(i)));
    }
    return builder.build();
  }

  /** Stops the router and starts another one with the same state, which then serves. */
  void restart() {
    router.close();
    router = start();
    var contact = router.firstContact().toCompletableFuture();
    while (!contact.isDone()) {
      time.advance(STEP);
    }
  }

  /** Restarts with other names for the secondaries, which may be swapped. */
  void restartWithOtherNames(Random random) {
    List<String> free = new ArrayList<>(NAMES);
    for (int i = 1; i < names.size(); i++) {
      names.set(i, free.remove(random.nextInt(free.size())));
    }
    restart();
  }

  ManualScheduler time() {
    return time;
  }

  CriRouter router() {
    return router;
  }

  int runtimes() {
    return runtimes.size();
  }

  FakeRuntime runtime(int index) {
    return runtimes.get(index);
  }

  /** The current name of a runtime. */
  String name(int index) {
    return names.get(index);
  }

  /** The calls that reached a runtime that does not own the pod. */
  List<String> strayCalls() {
    return strayCalls;
  }

  /** The id of a pod at its runtime. */
  static String nativeId(String id) {
    return id.substring(Math.max(0, id.length() - ID_LENGTH));
  }

  @Override
  public void close() {
    router.close();
  }

  /** Forwards calls to a runtime and checks the owner. */
  private final class Watched implements RuntimeBackend {
    private final FakeRuntime runtime;

    Watched(FakeRuntime runtime) {
      this.runtime = runtime;
    }

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      String id = podOf(request.method().name(), request.message());
      FakeRuntime owner = owners.get(id);
      if (owner != null && owner != runtime) {
        strayCalls.add(request.method().name() + " of a pod of " + owner + " reached " + runtime);
      }
      return runtime.start(request, listener);
    }

    private static String podOf(String rpc, ByteString request) {
      try {
        return switch (rpc) {
          case "PodSandboxStatus" -> PodSandboxStatusRequest.parseFrom(request).getPodSandboxId();
          case "RemovePodSandbox" -> RemovePodSandboxRequest.parseFrom(request).getPodSandboxId();
          default -> "";
        };
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }

    @Override
    public String address() {
      return runtime.address();
    }

    @Override
    public void onReachabilityChange(Runnable listener) {
      runtime.onReachabilityChange(listener);
    }
  }
}
