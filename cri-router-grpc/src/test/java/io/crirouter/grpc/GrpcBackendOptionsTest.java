package io.crirouter.grpc;

import static io.crirouter.grpc.Rpcs.VERSION;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriRequest;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The options of embedders for the connection to a runtime. */
class GrpcBackendOptionsTest {
  private static final Metadata.Key<String> STEPS =
      Metadata.Key.of("x-steps", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> USER_AGENT =
      Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER);

  @TempDir private Path folder;
  private final EventLoops loops = EventLoops.create();
  private final List<Metadata> received = new CopyOnWriteArrayList<>();
  private Server runtime;

  /** Answers every rpc with an empty message and a trailer of some size. */
  private final class AnsweringRegistry extends HandlerRegistry {
    private final int trailerBytes;

    AnsweringRegistry(int trailerBytes) {
      this.trailerBytes = trailerBytes;
    }

    @Override
    public ServerMethodDefinition<?, ?> lookupMethod(String path, String authority) {
      return ServerMethodDefinition.create(
          RawClient.method(path, MethodType.UNARY),
          (call, headers) -> {
            received.add(headers);
            Metadata trailers = new Metadata();
            trailers.put(STEPS, "t".repeat(trailerBytes));
            call.sendHeaders(new Metadata());
            call.sendMessage(ByteString.EMPTY);
            call.close(Status.OK, trailers);
            return new ServerCall.Listener<>() {};
          });
    }
  }

  @BeforeEach
  void serve() throws IOException {
    runtime =
        loops
            .serverAt(folder.resolve("runtime.sock"))
            .directExecutor()
            .fallbackHandlerRegistry(new AnsweringRegistry(2000))
            .build()
            .start();
  }

  @AfterEach
  void stop() {
    runtime.shutdownNow();
    loops.close();
  }

  private GrpcBackend.Builder builder() {
    return GrpcBackend.builder(folder.resolve("runtime.sock"))
        .eventLoops(loops)
        .apiVersion(ApiVersion.V1);
  }

  private RpcStatus version(GrpcBackend.Builder builder) {
    try (GrpcBackend backend = builder.build()) {
      return ResponseRecorder.call(backend, CriRequest.of(VERSION, ByteString.EMPTY)).status();
    }
  }

  /** Adds its name to a header. */
  private static ClientInterceptor step(String name) {
    return new ClientInterceptor() {
      @Override
      public <Q, A> ClientCall<Q, A> interceptCall(
          MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
          @Override
          public void start(Listener<A> listener, Metadata headers) {
            headers.put(STEPS, name);
            super.start(listener, headers);
          }
        };
      }
    };
  }

  @Test
  void interceptorsSeeEachCallInTheOrderInWhichTheyWereAdded() {
    assertThat(version(builder().interceptor(step("first")).interceptor(step("second"))).isOk())
        .isTrue();

    assertThat(received.get(0).getAll(STEPS)).containsExactly("first", "second");
  }

  private enum Failing {
    NEW_CALL,
    START
  }

  /** Throws when a call is made, or when it is started. */
  private static ClientInterceptor broken(Failing failing) {
    return new ClientInterceptor() {
      @Override
      public <Q, A> ClientCall<Q, A> interceptCall(
          MethodDescriptor<Q, A> method, CallOptions options, Channel next) {
        if (failing == Failing.NEW_CALL) {
          throw new IllegalStateException("a bug");
        }
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
          @Override
          public void start(Listener<A> listener, Metadata headers) {
            throw new IllegalStateException("a bug");
          }
        };
      }
    };
  }

  @ParameterizedTest
  @EnumSource
  void anInterceptorThatThrowsEndsItsCall(Failing failing) {
    try (GrpcBackend backend = builder().interceptor(broken(failing)).build()) {
      assertThat(
              ResponseRecorder.call(backend, CriRequest.of(VERSION, ByteString.EMPTY))
                  .status()
                  .code())
          .isEqualTo(Code.INTERNAL);

      assertThat(backend.hasCalls()).isFalse();
    }
    assertThat(received).isEmpty();
  }

  @Test
  void theRuntimeSeesTheUserAgent() {
    var unused = version(builder().userAgent("my-node/1.0"));
    var unusedToo = version(builder());

    assertThat(received)
        .extracting(headers -> headers.get(USER_AGENT))
        .satisfiesExactly(
            custom -> assertThat(custom).startsWith("my-node/1.0 grpc-java-netty/"),
            byDefault -> assertThat(byDefault).startsWith("cri-router grpc-java-netty/"));
  }

  @Test
  void headersThatAreTooLargeEndTheCall() {
    assertThat(version(builder()).isOk()).isTrue();
    assertThat(version(builder().maxHeaderBytes(1000)).isOk()).isFalse();
  }

  @Test
  void channelOptionsAreAppliedLast() {
    assertThat(version(builder().userAgent("early").channel(more -> more.userAgent("late"))).isOk())
        .isTrue();

    assertThat(received.get(0).get(USER_AGENT)).startsWith("late ");
  }

  @Test
  void keepAliveDoesNotDisturbCalls() {
    assertThat(version(builder().keepAlive(Duration.ofMinutes(6), Duration.ofSeconds(5))).isOk())
        .isTrue();
  }

  @Test
  void sizesAndTimesMustBePositive() {
    assertThatIllegalArgumentException().isThrownBy(() -> builder().maxHeaderBytes(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().keepAlive(Duration.ZERO, Duration.ofSeconds(1)))
        .withMessageContaining("keepAlive");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().keepAlive(Duration.ofSeconds(1), Duration.ofSeconds(-1)));
  }
}
