package io.crirouter.examples.bench.core;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRequest;
import io.crirouter.examples.bench.SampleContainers;
import java.util.LinkedHashMap;
import java.util.Map;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * ListContainers at all runtimes. Answers of secondaries are rewritten, all are merged, and the
 * result is copied once, as a transport does.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
public class MergingBenchmark {
  private static final CriRequest LIST =
      CriRequest.of(CriMethod.of("ListContainers"), ByteString.EMPTY);

  /** The number of runtimes, and of the containers of each. */
  @Param({"2x500", "2x2500", "10x100", "10x500"})
  public String shape = "2x500";

  private RouterClient client = new RouterClient(Map.of("r0", Map.of()));
  private byte[] transport = {};

  /** Makes the router, and checks its answer. */
  @Setup
  public void prepare() {
    int cross = shape.indexOf('x');
    int runtimes = Integer.parseInt(shape.substring(0, cross));
    int containers = Integer.parseInt(shape.substring(cross + 1));
    Map<String, Map<String, ByteString>> answers = new LinkedHashMap<>();
    ByteString merged = ByteString.EMPTY;
    for (int i = 0; i < runtimes; i++) {
      SampleContainers own = SampleContainers.of("r" + i);
      answers.put(own.runtime(), Map.of("ListContainers", own.list(containers).toByteString()));
      merged = merged.concat((i == 0 ? own : own.behindRouter()).list(containers).toByteString());
    }
    client = new RouterClient(answers);
    client.check(LIST, merged);
    transport = new byte[merged.size()];
  }

  /** Lists all containers. */
  @Benchmark
  public byte[] list(Throughput throughput) {
    ByteString merged = client.call(LIST);
    merged.copyTo(transport, 0);
    throughput.bytes += merged.size();
    return transport;
  }
}
