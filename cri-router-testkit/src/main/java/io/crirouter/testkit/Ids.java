package io.crirouter.testkit;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Ids of sandboxes and containers, full or shortened. */
final class Ids {
  private Ids() {}

  /** Ids of 64 hexadecimal digits, the same sequence for the same seed. */
  static Supplier<String> sequence(String seed) {
    return new Supplier<>() {
      private long next;

      @Override
      public synchronized String get() {
        return FakeImage.sha256(seed + "/" + next++);
      }
    };
  }

  /**
   * The item with exactly this id, or with the only id that begins with it.
   *
   * @throws RpcException UNKNOWN, as from containerd, if several ids begin with it or if it is
   *     empty
   */
  static <T> Optional<T> find(Map<String, T> byId, String id, String kind) throws RpcException {
    T exact = byId.get(id);
    if (exact != null) {
      return Optional.of(exact);
    }
    if (id.isEmpty()) {
      throw new RpcException(Code.UNKNOWN, "a " + kind + " id may not be empty");
    }
    List<String> found = beginningWith(byId, id);
    if (found.size() > 1) {
      throw new RpcException(
          Code.UNKNOWN, kind + " \"" + id + "\": multiple ids begin with it: " + found);
    }
    return found.stream().findFirst().map(byId::get);
  }

  /** The only id that begins with {@code id}, or {@code id} itself if there are none or several. */
  static String expand(Map<String, ?> byId, String id) {
    if (id.isEmpty() || byId.containsKey(id)) {
      return id;
    }
    List<String> found = beginningWith(byId, id);
    return found.size() == 1 ? found.get(0) : id;
  }

  private static List<String> beginningWith(Map<String, ?> byId, String id) {
    return byId.keySet().stream().filter(full -> full.startsWith(id)).toList();
  }
}
