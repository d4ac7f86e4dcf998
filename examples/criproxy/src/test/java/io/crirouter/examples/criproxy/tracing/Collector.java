package io.crirouter.examples.criproxy.tracing;

import com.google.common.io.BaseEncoding;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A collector for spans by OTLP over gRPC, with its own parser of the wire format. */
public final class Collector implements AutoCloseable {
  private static final MethodDescriptor<byte[], byte[]> EXPORT =
      MethodDescriptor.newBuilder(SpanSender.BYTES, SpanSender.BYTES)
          .setType(MethodType.UNARY)
          .setFullMethodName("opentelemetry.proto.collector.trace.v1.TraceService/Export")
          .build();

  private final List<Received> spans = new CopyOnWriteArrayList<>();
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Server server;

  /**
   * A received span.
   *
   * @param kind 2 for a server's, 3 for a client's
   * @param attributes its attributes, as text
   * @param resource the attributes of its resource
   * @param events the names of its events, each with its attributes
   * @param status 0 if it is not set, 2 for an error
   * @param message the status message
   */
  public record Received(
      String trace,
      String id,
      String parent,
      String name,
      long kind,
      Map<String, String> attributes,
      Map<String, String> resource,
      List<String> events,
      long status,
      String message) {}

  private Collector(Path socket) throws IOException {
    server =
        (socket == null
                ? Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                : NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString()))
                    .channelType(EpollServerDomainSocketChannel.class)
                    .bossEventLoopGroup(loop)
                    .workerEventLoopGroup(loop))
            .directExecutor()
            .addService(
                ServerServiceDefinition.builder(
                        "opentelemetry.proto.collector.trace.v1.TraceService")
                    .addMethod(EXPORT, ServerCalls.asyncUnaryCall(this::take))
                    .build())
            .build()
            .start();
  }

  public static Collector atSocket(Path socket) throws IOException {
    return new Collector(socket);
  }

  /** Starts a collector on a free port. */
  static Collector atPort() throws IOException {
    return new Collector(null);
  }

  int port() {
    return server.getPort();
  }

  /** The received spans, in the order in which they ended. */
  public List<Received> spans() {
    return List.copyOf(spans);
  }

  private void take(byte[] request, StreamObserver<byte[]> answer) {
    for (UnknownFieldSet resourceSpans : messages(parse(ByteString.copyFrom(request)), 1)) {
      Map<String, String> resource = attributes(messages(resourceSpans, 1).get(0), 1);
      for (UnknownFieldSet scopeSpans : messages(resourceSpans, 2)) {
        messages(scopeSpans, 2).forEach(span -> spans.add(received(span, resource)));
      }
    }
    answer.onNext(new byte[0]);
    answer.onCompleted();
  }

  private static Received received(UnknownFieldSet span, Map<String, String> resource) {
    List<UnknownFieldSet> status = messages(span, 15);
    return new Received(
        hex(span, 1),
        hex(span, 2),
        hex(span, 4),
        text(span, 5),
        number(span, 6),
        attributes(span, 9),
        resource,
        messages(span, 11).stream().map(event -> text(event, 2) + attributes(event, 3)).toList(),
        status.isEmpty() ? 0 : number(status.get(0), 3),
        status.isEmpty() ? "" : text(status.get(0), 2));
  }

  private static UnknownFieldSet parse(ByteString message) {
    try {
      return UnknownFieldSet.parseFrom(message);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
  }

  private static List<UnknownFieldSet> messages(UnknownFieldSet message, int field) {
    return message.getField(field).getLengthDelimitedList().stream().map(Collector::parse).toList();
  }

  private static String text(UnknownFieldSet message, int field) {
    List<ByteString> values = message.getField(field).getLengthDelimitedList();
    return values.isEmpty() ? "" : values.get(0).toStringUtf8();
  }

  private static String hex(UnknownFieldSet message, int field) {
    List<ByteString> values = message.getField(field).getLengthDelimitedList();
    return values.isEmpty()
        ? ""
        : BaseEncoding.base16().lowerCase().encode(values.get(0).toByteArray());
  }

  private static long number(UnknownFieldSet message, int field) {
    List<Long> values = message.getField(field).getVarintList();
    return values.isEmpty() ? 0 : values.get(0);
  }

  private static Map<String, String> attributes(UnknownFieldSet message, int field) {
    Map<String, String> attributes = new LinkedHashMap<>();
    messages(message, field)
        .forEach(pair -> attributes.put(text(pair, 1), value(messages(pair, 2).get(0))));
    return attributes;
  }

  /** A text, a number or a list of texts. */
  private static String value(UnknownFieldSet value) {
    if (value.hasField(5)) {
      List<String> items = new ArrayList<>();
      messages(messages(value, 5).get(0), 1).forEach(item -> items.add(value(item)));
      return items.toString();
    }
    return value.hasField(3) ? Long.toString(number(value, 3)) : text(value, 1);
  }

  @Override
  public void close() {
    server.shutdownNow();
    var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
