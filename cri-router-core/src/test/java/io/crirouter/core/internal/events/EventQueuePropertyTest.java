package io.crirouter.core.internal.events;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Random events of several runtimes for several clients that read at random: whatever is left out,
 * each client gets the events of one runtime in their order, and ends up with the last one of each
 * container, unless that was reported as lost.
 */
class EventQueuePropertyTest {
  private static final int RUNS = 500;
  private static final int MAX_BYTES = 40_000;

  private long leftOut;
  private long lost;

  @Test
  void eachClientEndsUpWithTheLastEventOfEachContainerInOrderOrItIsReportedAsLost() {
    for (int seed = 0; seed < RUNS; seed++) {
      run(new Random(seed));
    }
    assertThat(leftOut).as("events that were left out for later ones").isPositive();
    assertThat(lost).as("events that were reported as lost").isPositive();
  }

  private void run(Random random) {
    EventBudget budget = new EventBudget(MAX_BYTES);
    List<Client> clients = new ArrayList<>();
    List<NumberedRuntime> runtimes = new ArrayList<>();
    for (int i = 1 + random.nextInt(3); i > 0; i--) {
      runtimes.add(new NumberedRuntime(1 + random.nextInt(40), random.nextInt(8000)));
    }
    for (int i = 1 + random.nextInt(2); i > 0; i--) {
      clients.add(new Client(new EventQueue(budget)));
    }
    for (int step = random.nextInt(3000); step > 0; step--) {
      NumberedRuntime runtime = runtimes.get(random.nextInt(runtimes.size()));
      if (random.nextInt(4) > 0) {
        ClientEvent event = runtime.next(random);
        clients.forEach(client -> client.queue.add(runtime, event));
        budget.enforce();
      } else {
        clients.get(random.nextInt(clients.size())).read(random.nextInt(6));
      }
      assertThat(budget.bytes()).isBetween(0L, (long) MAX_BYTES);
    }
    clients.forEach(client -> client.read(Integer.MAX_VALUE));
    assertThat(budget.bytes()).isZero();
    for (Client client : clients) {
      leftOut -= client.count;
      runtimes.forEach(runtime -> check(client, runtime));
    }
  }

  private void check(Client client, NumberedRuntime runtime) {
    runtime.last.forEach(
        (id, number) -> {
          Integer told = client.told.get(runtime.name(id));
          if (!number.equals(told)) {
            assertThat(runtime.lost).as("%s: %s was told, not %s", id, told, number).contains(id);
            assertThat(client.queue.hasLost(runtime)).as("for this client").isTrue();
          }
        });
    leftOut += runtime.number;
    lost += runtime.lost.size();
  }

  /** Its events are numbered. */
  private static final class NumberedRuntime implements EventSource {
    private final int containers;
    private final int maxSize;
    private final Map<String, Integer> last = new HashMap<>();
    private final Set<String> lost = new HashSet<>();
    private int number;

    NumberedRuntime(int containers, int maxSize) {
      this.containers = containers;
      this.maxSize = maxSize;
    }

    String name(String id) {
      return System.identityHashCode(this) + " " + id;
    }

    ClientEvent next(Random random) {
      String id = "container" + random.nextInt(containers);
      last.put(id, ++number);
      ByteString filler = ByteString.copyFrom(new byte[random.nextInt(maxSize + 1)]);
      ByteString message = ByteString.copyFromUtf8(name(id) + "=" + number + "=").concat(filler);
      return new ClientEvent(new EventSubject(false, id, "", ByteString.EMPTY), message);
    }

    @Override
    public void coalesced() {}

    @Override
    public void lost(List<ClientEvent> events) {
      events.forEach(event -> lost.add(event.subject().id()));
    }

    @Override
    public void catchUp() {
      throw new AssertionError("nothing here has states");
    }
  }

  private static final class Client {
    private final EventQueue queue;
    private final Map<String, Integer> told = new HashMap<>();
    private final Map<String, Integer> lastOfRuntime = new HashMap<>();
    private int count;

    Client(EventQueue queue) {
      this.queue = queue;
    }

    void read(int max) {
      for (int i = 0; i < max; i++) {
        ClientEvent event = queue.poll();
        if (event == null) {
          return;
        }
        String[] message = event.message().toStringUtf8().split("=", -1);
        int number = Integer.parseInt(message[1]);
        told.put(message[0], number);
        String runtime = message[0].substring(0, message[0].indexOf(' '));
        Integer before = lastOfRuntime.put(runtime, number);
        assertThat(before == null || before < number).as("%s after %s", number, before).isTrue();
        count++;
      }
    }
  }
}
