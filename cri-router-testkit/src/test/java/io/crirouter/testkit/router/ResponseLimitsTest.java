package io.crirouter.testkit.router;

import static io.crirouter.testkit.router.SimulatedNode.PRIMARY;
import static io.crirouter.testkit.router.SimulatedNode.VIRTLET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import io.crirouter.core.BackendState;
import io.crirouter.core.BackendState.Phase;
import io.crirouter.core.CriRequest;
import io.crirouter.core.ResponseListener;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.RuntimeCall;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.testkit.CriClient;
import java.time.Duration;
import java.util.List;
import java.util.logging.Level;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The size limit of a response of a secondary, and the use of slow lists. */
class ResponseLimitsTest {
  private static final int MIB = 1 << 20;
  private static final int LIMIT_MIB = 8;
  private static final String ID = "1".repeat(64);
  private static final int FIRST = 1;
  private static final int UNKNOWN = 1023;

  /** An item with an id and a large unknown field, whose bytes are shared. */
  private static final ByteString BIG_ITEM = bigItem(ByteString.copyFromUtf8(ID));

  /** The same for stats, which have the id in their attributes. */
  private static final ByteString BIG_STATS = bigItem(message(FIRST, ByteString.copyFromUtf8(ID)));

  private final Enormous enormous = new Enormous();
  private SimulatedNode node = SimulatedNode.of();

  /** A list of one item whose field 1 is {@code id}. */
  private static ByteString bigItem(ByteString id) {
    ByteString item =
        message(FIRST, id).concat(message(UNKNOWN, ByteString.copyFrom(new byte[MIB])));
    return message(FIRST, item);
  }

  private static ByteString message(int field, ByteString content) {
    return UnknownFieldSet.newBuilder()
        .addField(field, UnknownFieldSet.Field.newBuilder().addLengthDelimited(content).build())
        .build()
        .toByteString();
  }

  /** Answers one rpc with an oversized response that ends. */
  private static final class Enormous implements RuntimeBackend {
    private RuntimeBackend runtime = this;
    private String rpc = "";
    private ByteString message = BIG_ITEM;
    private int messagesOfOneMib = 2 * LIMIT_MIB;
    private int sent;
    private boolean cancelled;

    RuntimeBackend of(RuntimeBackend value) {
      runtime = value;
      return this;
    }

    @Override
    public RuntimeCall start(CriRequest request, ResponseListener listener) {
      if (!request.method().name().equals(rpc)) {
        return runtime.start(request, listener);
      }
      sent = 0;
      cancelled = false;
      return new Flood(request.method().serverStreaming(), listener);
    }

    /** Sends messages on demand, without recursion. */
    private final class Flood implements RuntimeCall {
      private final ResponseListener listener;
      private final boolean streams;
      private long demand;
      private boolean sending;
      private boolean closed;

      Flood(boolean streams, ResponseListener listener) {
        this.streams = streams;
        this.listener = listener;
      }

      @Override
      public void request(int count) {
        demand += count;
        if (sending) {
          return;
        }
        sending = true;
        while (demand > 0 && !closed) {
          demand--;
          send();
        }
        sending = false;
      }

      private void send() {
        if (streams) {
          sent++;
          listener.onMessage(message);
        } else {
          ByteString all = ByteString.EMPTY;
          for (sent = 0; sent < messagesOfOneMib; sent++) {
            all = all.concat(message);
          }
          listener.onMessage(all);
        }
        if (sent == messagesOfOneMib) {
          close(RpcStatus.OK);
        }
      }

      private void close(RpcStatus status) {
        if (!closed) {
          closed = true;
          listener.onClose(status);
        }
      }

      @Override
      public void cancel(String reason) {
        cancelled |= !closed;
        close(RpcStatus.of(Code.CANCELLED, reason));
      }
    }
  }

  private void start() {
    node = SimulatedNode.of(PRIMARY, VIRTLET).between(VIRTLET, enormous::of).startRouter();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  @ParameterizedTest
  @EnumSource(
      value = ListRpc.class,
      names = {"STREAM_POD_SANDBOXES", "STREAM_CONTAINERS", "STREAM_IMAGES"})
  void anEndlessStreamIsCancelledAndReplacedByTheLastKnownState(ListRpc list) throws Exception {
    start();
    node.runContainer(node.runPod("vm", VIRTLET), "main");
    List<String> before = list.idsAtOnce(node.router());
    enormous.rpc = list.rpc();
    try (CapturedLog log = new CapturedLog(Level.WARNING)) {
      RawCall call = list.start(node.router());
      node.advance(Duration.ofSeconds(5));

      assertThat(enormous.cancelled).as("the call at the runtime is cancelled").isTrue();
      assertThat(enormous.sent).isBetween(LIMIT_MIB - 1, LIMIT_MIB + 2);
      assertThat(ListRpc.ids(call)).isEqualTo(before);
      assertThat(log.lines())
          .singleElement()
          .asString()
          .contains("virtlet.cloud", list.rpc(), "RESOURCE_EXHAUSTED");
    }
    assertThat(node.router().backends().get(1).phase()).isEqualTo(Phase.READY);
  }

  @ParameterizedTest
  @EnumSource(
      value = ListRpc.class,
      names = {"LIST_POD_SANDBOX", "LIST_CONTAINERS", "LIST_IMAGES"})
  void anOversizedListIsReplacedByTheLastKnownState(ListRpc list) throws Exception {
    start();
    node.runContainer(node.runPod("vm", VIRTLET), "main");
    List<String> before = list.idsAtOnce(node.router());
    enormous.rpc = list.rpc();
    enormous.messagesOfOneMib = LIMIT_MIB + 1;

    assertThat(list.idsAtOnce(node.router())).isEqualTo(before);
  }

  @ParameterizedTest
  @ValueSource(strings = {"ListPodSandbox", "ListContainers"})
  void aRuntimeWithOversizedFirstListsIsNotReady(String rpc) {
    enormous.rpc = rpc;
    enormous.messagesOfOneMib = LIMIT_MIB + 1;
    start();
    assertThat(virtlet().phase()).isEqualTo(Phase.NEVER_SEEN);
    assertThat(virtlet().reason()).contains(rpc, "RESOURCE_EXHAUSTED", "8 MiB");

    enormous.rpc = "";
    node.advance(Duration.ofSeconds(5));

    assertThat(virtlet().phase()).isEqualTo(Phase.READY);
  }

  private BackendState virtlet() {
    return node.router().backends().get(1);
  }

  @Test
  void aListBelowTheLimitIsAccepted() throws Exception {
    start();
    node.runPod("vm", VIRTLET);
    enormous.rpc = "StreamPodSandboxes";
    enormous.messagesOfOneMib = LIMIT_MIB - 1;

    assertThat(ListRpc.STREAM_POD_SANDBOXES.idsAtOnce(node.router())).contains("virt__" + ID);
  }

  @ParameterizedTest
  @ValueSource(strings = {"StreamContainerStats", "StreamPodSandboxStats"})
  void endlessStatsAreLeftOut(String rpc) {
    start();
    enormous.rpc = rpc;
    enormous.message = BIG_STATS;

    RawCall call = RawCall.start(node.router(), rpc, ByteString.EMPTY);
    node.advance(Duration.ofSeconds(5));

    assertThat(enormous.cancelled).as("the call at the runtime is cancelled").isTrue();
    assertThat(enormous.sent).isLessThanOrEqualTo(LIMIT_MIB + 2);
    assertThat(call.status().isOk()).as("%s", call.status()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 29, 31, 45, 100})
  void aSlowListRefreshesTheInventory(int seconds) throws Exception {
    start();
    String pod = node.runPod("vm", VIRTLET);
    String another;
    try (CriClient direct = CriClient.of(node.virtlet())) {
      another =
          direct
              .runtime()
              .runPodSandbox(
                  RunPodSandboxRequest.newBuilder()
                      .setConfig(SimulatedNode.pod("another", VIRTLET))
                      .build())
              .getPodSandboxId();
    }
    node.virtlet().delay("ListPodSandbox", Duration.ofSeconds(seconds));
    RawCall list = ListRpc.LIST_POD_SANDBOX.start(node.router());
    node.advance(Duration.ofMillis(500));
    assertThat(ListRpc.ids(list)).containsExactly(pod);

    node.advance(Duration.ofSeconds(seconds));
    node.virtlet().down();

    assertThat(ListRpc.LIST_POD_SANDBOX.idsAtOnce(node.router()))
        .containsExactlyInAnyOrder(pod, "virt__" + another);
  }
}
