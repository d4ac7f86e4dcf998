package io.crirouter.testkit.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;

/**
 * A WebSocket client for the urls of Exec, Attach and PortForward. The first byte of each message
 * is the number of the channel, the rest is its data.
 */
final class StreamingClient implements AutoCloseable {
  static final int STDIN = 0;
  static final int STDOUT = 1;
  static final int STDERR = 2;

  /** The status of the command, in JSON. */
  static final int RESULT = 3;

  private static final String PROTOCOL = "v4.channel.k8s.io";
  private static final Duration LIMIT = Duration.ofSeconds(10);
  private static final HttpClient HTTP =
      HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();

  private final String url;
  private final Map<Integer, ByteArrayOutputStream> received = new HashMap<>();
  private WebSocket socket;
  private String end = "";

  private StreamingClient(String url) {
    this.url = url;
  }

  /** Connects to a url from a response of a runtime or the router. */
  static StreamingClient open(String url) {
    StreamingClient client = new StreamingClient(url);
    client.socket =
        HTTP.newWebSocketBuilder()
            .subprotocols(PROTOCOL)
            .connectTimeout(LIMIT)
            .buildAsync(URI.create(url.replaceFirst("^http:", "ws:")), client.new Receiver())
            .orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS)
            .join();
    return client;
  }

  void send(int channel, String data) {
    byte[] bytes = data.getBytes(UTF_8);
    ByteBuffer message = ByteBuffer.allocate(bytes.length + 1);
    message.put((byte) channel).put(bytes).flip();
    socket.sendBinary(message, true).orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
  }

  /** Waits until the data of a channel is {@code enough} and returns it. */
  synchronized String read(int channel, Predicate<String> enough) {
    await("enough on channel " + channel, () -> enough.test(text(channel)));
    return text(channel);
  }

  /** Waits for the end of the stream and returns the data of a channel. */
  synchronized String readAll(int channel) {
    await("the end", () -> !end.isEmpty());
    return text(channel);
  }

  private String text(int channel) {
    ByteArrayOutputStream bytes = received.get(channel);
    return bytes == null ? "" : bytes.toString(UTF_8);
  }

  private void await(String what, BooleanSupplier condition) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      long left = deadline - System.nanoTime();
      if (left <= 0 || !end.isEmpty()) {
        throw new AssertionError(url + ": no " + what + "; end: '" + end + "', so far " + received);
      }
      try {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new AssertionError("interrupted while waiting for " + what, e);
      }
    }
  }

  @Override
  public void close() {
    socket.abort();
  }

  private final class Receiver implements WebSocket.Listener {
    private final ByteArrayOutputStream message = new ByteArrayOutputStream();

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
      byte[] bytes = new byte[part.remaining()];
      part.get(bytes);
      message.writeBytes(bytes);
      if (last) {
        add(message.toByteArray());
        message.reset();
      }
      from.request(1);
      return null;
    }

    private void add(byte[] whole) {
      synchronized (StreamingClient.this) {
        if (whole.length > 0) {
          received
              .computeIfAbsent((int) whole[0], channel -> new ByteArrayOutputStream())
              .write(whole, 1, whole.length - 1);
        }
        StreamingClient.this.notifyAll();
      }
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
      ended("closed with " + code + " " + reason);
      return null;
    }

    @Override
    public void onError(WebSocket from, Throwable failure) {
      ended(failure.toString());
    }

    private void ended(String how) {
      synchronized (StreamingClient.this) {
        end = how;
        StreamingClient.this.notifyAll();
      }
    }
  }
}
