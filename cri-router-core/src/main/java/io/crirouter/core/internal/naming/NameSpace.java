package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.RpcException;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;
import org.jspecify.annotations.Nullable;

/**
 * The client's names of the objects of one backend: the ids of its pod sandboxes and containers, or
 * the refs of its images, ids and digests apart. Thread-safe.
 */
public interface NameSpace {
  /** The names are the same for client and runtime, and show no owner. */
  NameSpace UNCHANGED =
      new NameSpace() {
        @Override
        public boolean isUnchanged() {
          return true;
        }

        @Override
        public boolean owns(String clientName) {
          return false;
        }

        @Override
        public boolean canHave(String clientName) {
          return true;
        }

        @Override
        public @Nullable String toRuntime(String clientName) {
          return null;
        }

        @Override
        public String toClient(String name) {
          return name;
        }

        @Override
        public boolean toRuntime(byte[] buffer, int start, int end, Replacement replacement) {
          return false;
        }

        @Override
        public void toClient(byte[] buffer, int start, int end, Replacement replacement) {}
      };

  /** Whether names never change. */
  default boolean isUnchanged() {
    return false;
  }

  /** Whether a name, or the beginning of an id, shows that the object is one of this backend. */
  boolean owns(String clientName) throws RpcException;

  /** Whether the backend can have an object that the client calls so. */
  default boolean canHave(String clientName) throws RpcException {
    return owns(clientName);
  }

  /** Whether every name begins with {@code start}. */
  default boolean allBeginWith(String start) {
    return false;
  }

  /** The runtime's name; null if {@code clientName} is none of this backend, and stays as it is. */
  @Nullable String toRuntime(String clientName) throws RpcException;

  /** The client's name, which means {@code name} again. */
  String toClient(String name) throws RpcException;

  /** Translates a client's name in a message; false if {@link #toRuntime(String)} is null. */
  default boolean toRuntime(byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    String name = toRuntime(new String(buffer, start, end - start, UTF_8));
    if (name != null) {
      replacement.replaceStart(end - start, name.getBytes(UTF_8));
    }
    return name != null;
  }

  /** Translates a name of the runtime in a message. */
  default void toClient(byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    String name = toClient(new String(buffer, start, end - start, UTF_8));
    replacement.replaceStart(end - start, name.getBytes(UTF_8));
  }
}
