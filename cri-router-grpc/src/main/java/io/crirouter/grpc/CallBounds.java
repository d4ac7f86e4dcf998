package io.crirouter.grpc;

import io.crirouter.core.CallMetadata;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeCall;
import io.crirouter.grpc.Budget.Reservation;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the bytes that one call holds against the limits of its server. A method that would exceed
 * a limit returns the status to end the call with.
 */
final class CallBounds {
  /** What a call holds besides its messages: its headers and objects. */
  private static final int CALL_BYTES = 4 << 10;

  private final ServerBounds server;
  private final ServedConnection connection;
  private final CriMethod method;
  private final Consumer<RpcStatus> abort;
  private final Reservation request;
  private final Reservation answer;

  /** The whole of a streamed list, which the backend may hold; null for other rpcs. */
  private final @Nullable Reservation list;

  private long sent;
  private long received;
  private boolean refused;
  private boolean ended;
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
    this.request = new Reservation(connection.requests(), this::evictRequest);
    this.answer = new Reservation(connection.answers(), this::evictAnswer);
    this.list =
        ServerBounds.isStreamedList(method)
            ? new Reservation(connection.answers(), this::evictAnswer)
            : null;
  }

  private void evictAnswer() {
    closeConnection("answers stay unread");
  }

  /** Counts a call that has arrived. */
  @Nullable RpcStatus started(RequestMeter meter) {
    connection.callStarted();
    if (!server.requests().take(request, CALL_BYTES, true)) {
      refused = true;
      return tooManyRequests();
    }
    meter.onBytes(this::received);
    return null;
  }

  private void received(long bytes) {
    received += bytes;
    if (!refused && !server.requests().take(request, bytes, true)) {
      refused = true;
      abort.accept(tooManyRequests());
    }
    // Bytes that arrive after the refusal are counted too. They can only be stopped by closing the
    // connection.
    if (refused && !server.requests().takeAlways(request, bytes)) {
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

  /** Counts a request of {@code bytes}, which are more than were received if it was compressed. */
  @Nullable RpcStatus requestReceived(int bytes) {
    long more = bytes - received;
    return more <= 0 || server.requests().take(request, more, true) ? null : tooManyRequests();
  }

  /** Called when the request is complete, before it is forwarded. */
  @Nullable RpcStatus requestComplete() {
    server.requests().forbidEviction(request);
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
   * Counts a message before it is sent.
   *
   * @param call the call at the backend, which may hold further messages
   */
  @Nullable RpcStatus sending(int bytes, @Nullable RuntimeCall call) {
    if (!method.serverStreaming()) {
      drained();
      server.answered(method, bytes);
    }
    if (list != null && call != null && sent == 0 && !takeList(bytes + call.heldBytes())) {
      return tooMuchUnread();
    }
    sent += bytes;
    return bytes < ServerBounds.SMALL_BYTES || takeAnswer(bytes) ? null : tooMuchUnread();
  }

  /** Counts the actual size of a list instead of the expected one. False if there is no room. */
  private synchronized boolean takeList(long bytes) {
    if (ended || list == null) {
      return true;
    }
    server.answers().free(list);
    return server.answers().take(list, bytes, false);
  }

  /** Counts bytes before they are sent. False if there is no room. */
  private synchronized boolean takeAnswer(int bytes) {
    if (ended) {
      return true;
    }
    boolean taken = server.answers().take(answer, bytes, true);
    answerHeld |= taken;
    if (list != null) {
      server.answers().allowEviction(list);
    }
    return taken;
  }

  /** Returns {@code headers} as far as the client accepts them. */
  CallMetadata fit(CallMetadata headers) {
    return headers.entries().isEmpty()
        ? headers
        : HeaderListLimit.fit(headers, connection.maxHeaderListBytes());
  }

  /** Counts a status before it is sent. Returns it as far as the client accepts it. */
  RpcStatus fit(RpcStatus status) {
    if (list != null && status.isOk()) {
      server.answered(method, sent);
    }
    if (status.message().isEmpty() && status.trailers().entries().isEmpty()) {
      return status;
    }
    if (!method.serverStreaming() && !status.isOk()) {
      drained();
    }
    RpcStatus fitting = HeaderListLimit.fit(status, connection.maxHeaderListBytes());
    int bytes = fitting.message().length();
    return bytes < ServerBounds.SMALL_BYTES || takeAnswer(bytes)
        ? fitting
        : HeaderListLimit.fit(fitting, ServerBounds.SMALL_BYTES);
  }

  /** Called when nearly all that was sent is written to the connection. */
  void drained() {
    if (answerHeld) {
      answerHeld = false;
      server.answers().free(answer);
      if (list != null) {
        server.answers().forbidEviction(list);
      }
    }
  }

  /**
   * Called when the client has cancelled the call. The unread answer counts for its connection for
   * another second: without that, a client that requests and cancels in turn would have no bound.
   * gRPC frees the bytes in the next task of the event loop.
   */
  void cancelled() {
    if (answerHeld) {
      answerHeld = false;
      connection.after(
          Duration.ZERO,
          () -> connection.after(Budget.MIN_AGE, server.answers().freeTotal(answer)));
    }
    ended();
  }

  /** Called when the call has ended and its last byte is written. */
  void ended() {
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
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
