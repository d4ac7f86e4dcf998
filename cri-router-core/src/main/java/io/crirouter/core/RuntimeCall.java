package io.crirouter.core;

/**
 * The caller's handle of a call. Methods may be called from any thread, at any time, also after the
 * call ended (they then do nothing); they neither block nor throw.
 */
public interface RuntimeCall {
  /** A call that has ended. */
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
   * Requests {@code count} more response messages. None is delivered without a request; for a unary
   * rpc the caller requests one.
   */
  void request(int count);

  /**
   * How many bytes of messages the call has ready and keeps in memory until they are requested. A
   * server counts them for the client that does not read them. A call that gets each message when
   * it is requested keeps none: 0, as by default.
   */
  default long heldBytes() {
    return 0;
  }

  /**
   * Cancels the call, also at the runtime. The listener is closed with CANCELLED unless the call
   * ends in another way first.
   *
   * @param reason for logs
   */
  void cancel(String reason);
}
