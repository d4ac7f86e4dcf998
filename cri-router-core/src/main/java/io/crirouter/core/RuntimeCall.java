package io.crirouter.core;

/**
 * The caller's hold on a call that was started. Methods may be called from any thread, at any time,
 * also after the call ended (they then do nothing); they neither block nor throw.
 */
public interface RuntimeCall {
  /** A call that is over: nothing to ask for, nothing to cancel. */
  RuntimeCall ENDED =
      new RuntimeCall() {
        @Override
        public void request(int count) {}

        @Override
        public void cancel(String reason) {}

        @Override
        public String toString() {
          return "ended call";
        }
      };

  /**
   * Lets {@code count} more response messages come. None comes unasked; for a unary rpc the caller
   * asks once.
   */
  void request(int count);

  /**
   * Gives the call up. The runtime is told; the listener is closed with CANCELLED unless the call
   * ends in another way first.
   *
   * @param reason for logs
   */
  void cancel(String reason);
}
