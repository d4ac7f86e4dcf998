package io.crirouter.examples.criproxy.admin;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.testkit.FakeRuntime;
import io.crirouter.testkit.ManualScheduler;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The queue of a client that reads too slowly. */
class TraceFollowerTest {
  /** A client that reads on request. */
  private static final class SlowClient extends ServerCallStreamObserver<TraceEntry> {
    private final List<TraceEntry> read = new ArrayList<>();
    private int room;

    @Override
    public boolean isReady() {
      return room > 0;
    }

    @Override
    public void onNext(TraceEntry entry) {
      room--;
      read.add(entry);
    }

    @Override
    public boolean isCancelled() {
      return false;
    }

    @Override
    public void setOnCancelHandler(Runnable handler) {}

    @Override
    public void setOnReadyHandler(Runnable handler) {}

    @Override
    public void setCompression(String compression) {}

    @Override
    public void disableAutoInboundFlowControl() {}

    @Override
    public void request(int count) {}

    @Override
    public void setMessageCompression(boolean enable) {}

    @Override
    public void onError(Throwable failure) {}

    @Override
    public void onCompleted() {}
  }

  private static TraceEntry entry(int number) {
    return new TraceEntry(
        "", "Version", "call " + number, "", List.of(), "", "", "OK", "", 1, 0, 0, List.of(), 0);
  }

  private static CriRouter router() {
    return CriRouter.builder()
        .scheduler(new ManualScheduler())
        .primary(BackendName.of("containerd"), FakeRuntime.create("containerd"))
        .build();
  }

  @Test
  void aThousandEntriesAreQueuedAndDroppedOnesAreCounted() {
    SlowClient client = new SlowClient();
    try (CriRouter router = router()) {
      TraceFollower follower =
          new TraceFollower(
              new TraceQuery("", "", "", "", 0), client, new KnownPods(router), Runnable::run);
      for (int i = 0; i < 1500; i++) {
        follower.add(entry(i));
      }
      assertThat(client.read).isEmpty();

      client.room = 2000;
      follower.send();
      follower.add(entry(1500));

      assertThat(client.read).hasSize(1001);
      assertThat(client.read.get(0).lostBefore()).isEqualTo(500);
      assertThat(client.read.get(999).subject()).isEqualTo("call 999");
      assertThat(client.read.get(1000).subject()).isEqualTo("call 1500");
      assertThat(client.read.get(1000).lostBefore()).isZero();
    }
  }
}
