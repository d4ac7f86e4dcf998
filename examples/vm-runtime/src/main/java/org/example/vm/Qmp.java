package org.example.vm;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * A connection to the monitor of QEMU by the QEMU Machine Protocol (QMP): one line of JSON for each
 * command, answer and event. Thread-safe; commands run one after the other.
 */
final class Qmp implements AutoCloseable {
  private static final int LIMIT_SECONDS = 10;
  private static final JsonObject GONE =
      JsonParser.parseString("{\"error\":\"it is gone\"}").getAsJsonObject();

  private final SocketChannel channel;
  private final BlockingQueue<JsonObject> answers = new ArrayBlockingQueue<>(1);
  private final Consumer<JsonObject> events;
  private final Runnable ended;

  private Qmp(SocketChannel channel, Consumer<JsonObject> events, Runnable ended) {
    this.channel = channel;
    this.events = events;
    this.ended = ended;
  }

  /**
   * Connects.
   *
   * @param events called for each event, on the thread of this connection
   * @param ended called after the last event, on the same thread
   */
  static Qmp connect(Path socket, Consumer<JsonObject> events, Runnable ended) throws IOException {
    SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    Qmp qmp = new Qmp(channel, events, ended);
    Thread reader = new Thread(qmp::read, "vm-runtime-qmp");
    reader.setDaemon(true);
    reader.start();
    return qmp;
  }

  private void read() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(Channels.newInputStream(channel), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonObject message = JsonParser.parseString(line).getAsJsonObject();
        if (message.has("event")) {
          events.accept(message);
        } else if (message.has("return") || message.has("error")) {
          answers.clear();
          answers.add(message);
        }
      }
    } catch (IOException | JsonParseException | IllegalStateException e) {
      System.getLogger(Qmp.class.getName())
          .log(System.Logger.Level.DEBUG, "the monitor of a machine is gone", e);
    } finally {
      answers.offer(GONE);
      ended.run();
    }
  }

  /**
   * Runs a command.
   *
   * @return its result
   * @throws IOException if QEMU refuses it or has ended
   */
  synchronized JsonObject execute(String command) throws IOException {
    answers.clear();
    ByteBuffer line = StandardCharsets.UTF_8.encode("{\"execute\":\"" + command + "\"}\n");
    while (line.hasRemaining()) {
      channel.write(line);
    }
    JsonObject answer;
    try {
      answer = answers.poll(LIMIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while QEMU runs " + command, e);
    }
    if (answer == null) {
      throw new IOException("QEMU has not answered " + command + " for " + LIMIT_SECONDS + " s");
    }
    if (answer.has("error")) {
      throw new IOException("QEMU refuses " + command + ": " + answer.get("error"));
    }
    return answer.get("return").getAsJsonObject();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
