package io.crirouter.grpc;

import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.Budget.Hold;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What one call holds of its server. Whatever exceeds the limits is answered with the status to end
 * the call with.
 */
final class CallBounds {
  /** What a call takes besides its messages: gRPC's and Netty's objects, ours, headers. */
  private static final int CALL_BYTES = 4 << 10;

  private final ServerBounds server;
  private final ServedConnection connection;
  private final CriMethod method;
  private final Consumer<RpcStatus> abort;
  private final Hold request;
  private final Hold answer;

  /** What is held for a streamed list as a whole, which waits at the backend; null for others. */
  private final @Nullable Hold list;

  private long sent;
  private long received;
  private boolean refused;
  private boolean over;
  private volatile boolean answerHeld;

  /**
   * A call that holds nothing yet.
   *
   * @param abort ends the call
   */
  CallBounds(
      ServerBounds server,
      ServedConnection connection,
      CriMethod method,
      Consumer<RpcStatus> abort) {
    this.server = server;
    this.connection = connection;
    this.method = method;
    this.abort = abort;
    this.request = new Hold(connection.requests(), this::evictRequest);
    this.answer = new Hold(connection.answers(), this::evictAnswer);
    this.list =
        ServerBounds.isStreamedList(method)
            ? new Hold(connection.answers(), this::evictAnswer)
            : null;
  }

  private void evictAnswer() {
    closeConnection("answers stay unread");
  }

  /** The call has come in. */
  @Nullable RpcStatus begin(RequestMeter meter) {
    connection.callStarted();
    if (!server.requests().take(request, CALL_BYTES, true)) {
      refused = true;
      return tooManyRequests();
    }
    meter.onBytes(this::requestBytes);
    return null;
  }

  private void requestBytes(long bytes) {
    received += bytes;
    if (!refused && !server.requests().take(request, bytes, true)) {
      refused = true;
      abort.accept(tooManyRequests());
    }
    // What comes although the call is refused cannot be refused a second time.
    if (refused && !server.requests().force(request, bytes)) {
      closeConnection("too many bytes of requests");
    }
  }

  private void closeConnection(String reason) {
    if (connection.close(reason)) {
      server.closedConnection();
    }
  }

  private void evictRequest() {
    refused = true;
    abort.accept(exhausted("the request stays unfinished while others need the room"));
  }

  /** The request has {@code bytes}, which are more than came in if it was compressed. */
  @Nullable RpcStatus message(int bytes) {
    long more = bytes - received;
    return more <= 0 || server.requests().take(request, more, true) ? null : tooManyRequests();
  }

  /** The request is complete and about to be forwarded. */
  @Nullable RpcStatus complete() {
    server.requests().settle(request);
    int expected = server.expectedBytes(method);
    if (expected == 0) {
      return null;
    }
    if (list != null) {
      return server.answers().take(list, expected, false) ? null : tooMuchUnread();
    }
    answerHeld = server.answers().take(answer, expected, false);
    return answerHeld ? null : tooMuchUnread();
  }

  /**
   * A message is about to be sent.
   *
   * @param call the call at the backend, which may hold further messages
   */
  @Nullable RpcStatus send(int bytes, @Nullable RuntimeCall call) {
    if (!method.serverStreaming()) {
      drained();
      server.answered(method, bytes);
    }
    if (list != null && call != null && sent == 0 && !holdList(bytes + call.heldBytes())) {
      return tooMuchUnread();
    }
    sent += bytes;
    return bytes < ServerBounds.SMALL_BYTES || hold(bytes) ? null : tooMuchUnread();
  }

  /** Counts a list that is complete now, instead of what was expected; false if it is too much. */
  private synchronized boolean holdList(long bytes) {
    if (over || list == null) {
      return true;
    }
    server.answers().free(list);
    return server.answers().take(list, bytes, false);
  }

  /** Counts bytes that are about to be sent; false if there is no room for them. */
  private synchronized boolean hold(int bytes) {
    if (over) {
      return true;
    }
    boolean taken = server.answers().take(answer, bytes, true);
    answerHeld |= taken;
    if (list != null) {
      server.answers().await(list);
    }
    return taken;
  }

  /** Headers as the client takes them. */
  CallMetadata fitting(CallMetadata headers) {
    return headers.entries().isEmpty()
        ? headers
        : FittingStatus.headers(headers, connection.maxHeaderListBytes());
  }

  /** A status, which is about to be sent, as the client takes it. */
  RpcStatus fitting(RpcStatus status) {
    if (list != null && status.isOk()) {
      server.answered(method, sent);
    }
    if (status.message().isEmpty() && status.trailers().entries().isEmpty()) {
      return status;
    }
    if (!method.serverStreaming() && !status.isOk()) {
      drained();
    }
    RpcStatus fitting = FittingStatus.of(status, connection.maxHeaderListBytes());
    int bytes = fitting.message().length();
    return bytes < ServerBounds.SMALL_BYTES || hold(bytes)
        ? fitting
        : FittingStatus.of(fitting, ServerBounds.SMALL_BYTES);
  }

  /** Nearly all that was sent is on its way to the client. */
  void drained() {
    if (answerHeld) {
      answerHeld = false;
      server.answers().free(answer);
      if (list != null) {
        server.answers().settle(list);
      }
    }
  }

  /**
   * The client has given up the call. What it has ordered and does not take counts as its own for a
   * second more, or a client that orders and cancels in turn would be bounded by nothing. gRPC lets
   * go of the bytes in the event loop's next turn.
   */
  void cancelled() {
    if (answerHeld) {
      answerHeld = false;
      connection.after(
          Duration.ZERO, () -> connection.after(Budget.PATIENCE, server.answers().owe(answer)));
    }
    over();
  }

  /** The call is over, to the last byte. */
  void over() {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    drained();
    if (list != null) {
      server.answers().free(list);
    }
    server.requests().free(request);
    connection.callEnded(server.now());
  }

  private RpcStatus tooManyRequests() {
    return exhausted("the requests under way on this connection, or on all, take too many bytes");
  }

  private RpcStatus tooMuchUnread() {
    return exhausted("too many bytes of earlier answers are unread on this connection, or on all");
  }

  private RpcStatus exhausted(String what) {
    server.refusedCall();
    return RpcStatus.of(Code.RESOURCE_EXHAUSTED, method.name() + ": " + what);
  }
}
