package io.crirouter.core.internal.naming;

import io.crirouter.core.RpcException;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;

/** The client's names of the images of one backend, ids and digests apart. Immutable. */
interface ImageSpace {
  /** The names are the same for client and runtime, and show no owner. */
  ImageSpace UNCHANGED =
      new ImageSpace() {
        @Override
        public boolean isUnchanged() {
          return true;
        }

        @Override
        public boolean owns(String clientRef) {
          return false;
        }

        @Override
        public boolean canHave(String clientRef) {
          return true;
        }

        @Override
        public String toClient(String ref) {
          return ref;
        }

        @Override
        public void toRuntime(String clientRef, int length, Replacement replacement) {}

        @Override
        public void toClient(byte[] buffer, int start, int end, Replacement replacement) {}
      };

  /** Whether names never change. */
  boolean isUnchanged();

  /** Whether a name shows that the image is one of this backend. */
  boolean owns(String clientRef) throws RpcException;

  /** Whether the backend can have an image that the client calls so. */
  boolean canHave(String clientRef) throws RpcException;

  /** The client's name, which means {@code ref} again. */
  String toClient(String ref) throws RpcException;

  /**
   * Translates the client's name.
   *
   * @param length of its bytes
   */
  void toRuntime(String clientRef, int length, Replacement replacement) throws RpcException;

  /** Translates the runtime's name. */
  void toClient(byte[] buffer, int start, int end, Replacement replacement) throws RpcException;
}
