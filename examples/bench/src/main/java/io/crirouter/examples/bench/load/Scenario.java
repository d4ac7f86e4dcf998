package io.crirouter.examples.bench.load;

import com.google.protobuf.ByteString;
import java.time.Duration;
import java.util.List;

/** The calls of the client, and the target ratio to direct calls. */
enum Scenario {
  STATUS_ALONE("ContainerStatus, 1 in flight", "ContainerStatus", 1, 500, 1.5),
  STATUS_PARALLEL("ContainerStatus, 32 in flight", "ContainerStatus", 32, 500, 1.6),
  LIST_1_MB("ListContainers, 2 x 500 (1 MB)", "ListContainers", 1, 500, 1.8),
  LIST_5_MB("ListContainers, 2 x 2,500 (5 MB)", "ListContainers", 1, 2500, 2);

  private static final List<ByteString> EMPTY_REQUEST = List.of(ByteString.EMPTY);

  private final String title;
  private final String rpc;
  private final int inFlight;
  private final int containers;
  private final double target;

  Scenario(String title, String rpc, int inFlight, int containers, double target) {
    this.title = title;
    this.rpc = rpc;
    this.inFlight = inFlight;
    this.containers = containers;
    this.target = target;
  }

  String title() {
    return title;
  }

  /** The number of containers of each runtime behind the proxy. */
  int containers() {
    return containers;
  }

  /** The target for the ratio of the median to that of a direct call. */
  double target() {
    return target;
  }

  Measured run(Contender contender, Duration time) {
    List<ByteString> requests =
        rpc.equals("ContainerStatus") ? contender.statusRequests() : EMPTY_REQUEST;
    return Measured.of(
        contender,
        caller ->
            inFlight == 1
                ? caller.oneByOne(rpc, requests, time)
                : caller.manyAtOnce(rpc, requests, time, inFlight));
  }
}
