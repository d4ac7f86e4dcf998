package io.crirouter.examples.bench.core;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriMethod;
import io.crirouter.core.IdStrategy;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RpcException;
import io.crirouter.core.StateStore;
import io.crirouter.core.Timeouts;
import io.crirouter.core.internal.backend.BackendConfig;
import io.crirouter.core.internal.backend.BackendContext;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.inventory.Inventories;
import io.crirouter.core.internal.inventory.SavedState;
import io.crirouter.core.internal.naming.CodecIds;
import io.crirouter.core.internal.naming.FormerNativeIds;
import io.crirouter.core.internal.naming.ImageNames;
import io.crirouter.core.internal.naming.MessageTranslation;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.proto.v1.CriServices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.infra.Blackhole;

/** Rewrites messages with all fields set, between the client and one runtime. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
public class RewritingBenchmark {
  /** Stands for all rpcs, one after the other. */
  static final String EVERY = "every";

  /** The direction of the message. */
  public enum Direction {
    /** From the client. */
    REQUEST,
    /** To the client. */
    RESPONSE
  }

  /** The runtime of the message. */
  public enum Owner {
    /** Its ids and names are not changed. */
    PRIMARY,
    /** Its ids and names have prefixes. */
    SECONDARY
  }

  /** The rpc, or {@link #EVERY}: then one operation rewrites 43 messages. */
  @Param(EVERY)
  public String rpc = EVERY;

  /** Request or response. */
  @Param public Direction direction = Direction.REQUEST;

  /** The primary or a secondary. */
  @Param public Owner owner = Owner.PRIMARY;

  private final List<Rewriting> rewritings = new ArrayList<>();

  /** One message and its translation. */
  private record Rewriting(CriMethod method, ByteString message, Translation translation) {
    ByteString apply() throws MalformedMessageException, RpcException {
      return translation.of(method, message);
    }
  }

  @FunctionalInterface
  private interface Translation {
    ByteString of(CriMethod method, ByteString message)
        throws MalformedMessageException, RpcException;
  }

  /** Makes the messages, and checks their rewriting. */
  @Setup
  public void prepare() throws MalformedMessageException, RpcException {
    MessageTranslation translation = translation();
    for (ServiceDescriptor service : CriServices.getDescriptor().getServices()) {
      for (MethodDescriptor method : service.getMethods()) {
        if (rpc.equals(EVERY) || rpc.equals(method.getName())) {
          prepare(method, translation);
        }
      }
    }
    if (rewritings.isEmpty()) {
      throw new IllegalArgumentException("there is no rpc " + rpc);
    }
  }

  private void prepare(MethodDescriptor method, MessageTranslation translation)
      throws MalformedMessageException, RpcException {
    boolean isRequest = direction == Direction.REQUEST;
    boolean isPrimary = owner == Owner.PRIMARY;
    SampleMessage runtimes = new SampleMessage("", "", "");
    SampleMessage clients =
        new SampleMessage(isPrimary ? "" : "seco__", isPrimary ? "" : "second/", "http:");
    Descriptor type = isRequest ? method.getInputType() : method.getOutputType();
    Rewriting rewriting =
        new Rewriting(
            CriMethod.of(method.getName()),
            (isRequest ? clients : runtimes).of(type),
            isRequest ? translation::request : translation::answer);
    ResultCheck.check(
        method.getName() + " " + direction,
        (isRequest ? runtimes : clients).of(type),
        rewriting.apply());
    rewritings.add(rewriting);
  }

  private MessageTranslation translation() {
    SavedState state = new SavedState(StateStore.NONE, RouterClient.NO_TIMERS);
    Inventories inventories = new Inventories(state, RouterClient.NO_TIMERS, false);
    Backends backends =
        new Backends(
            List.of(config("first", true), config("second", false)),
            Set.of(),
            new BackendContext(inventories, Timeouts.DEFAULT, RouterClient.NO_TIMERS));
    FormerNativeIds former = new FormerNativeIds(state, false, RouterClient.NO_TIMERS);
    return new MessageTranslation(
        backends.all().get(owner == Owner.PRIMARY ? 0 : 1),
        new CodecIds(backends, inventories, former, IdStrategy.prefixed(), RouterClient.NO_TIMERS),
        new ImageNames(backends, ImageStrategy.prefixed(), RouterClient.NO_TIMERS));
  }

  private static BackendConfig config(String name, boolean isPrimary) {
    return new BackendConfig(
        BackendName.of(name), isPrimary, new InstantRuntime(Map.of()), BackendOptions.DEFAULT);
  }

  /** Rewrites each message. */
  @Benchmark
  public void rewrite(Throughput throughput, Blackhole sink)
      throws MalformedMessageException, RpcException {
    for (Rewriting rewriting : rewritings) {
      sink.consume(rewriting.apply());
      throughput.bytes += rewriting.message.size();
    }
  }
}
