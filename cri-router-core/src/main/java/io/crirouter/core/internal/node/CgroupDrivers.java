package io.crirouter.core.internal.node;

import com.google.common.collect.MapMaker;
import com.google.protobuf.ByteString;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.backend.Backends;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.proto.v1.CgroupDriver;
import io.crirouter.proto.v1.LinuxRuntimeConfiguration;
import io.crirouter.proto.v1.RuntimeConfigResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Compares the cgroup drivers of the runtimes. A kubelet uses the primary's driver for the whole
 * node. A secondary with another driver puts its pods into cgroups that the kubelet neither limits
 * nor counts. Runtimes without RuntimeConfig are not compared (containerd has it from 2.0 on).
 * Thread-safe.
 */
public final class CgroupDrivers {
  private static final System.Logger LOG = System.getLogger("io.crirouter");

  private final Backends backends;

  /** The driver of each backend that has reported it. Weak keys: removed backends are dropped. */
  private final Map<Backend, CgroupDriver> drivers = new MapMaker().weakKeys().makeMap();

  /** The last logged mismatch of each backend. */
  private final Map<Backend, String> reported = new MapMaker().weakKeys().makeMap();

  /** The drivers of these backends. */
  public CgroupDrivers(Backends backends) {
    this.backends = backends;
  }

  /** Queries the driver of a backend that is connecting, also of the primary, and compares. */
  public void learn(Backend backend, Runnable next) {
    backend
        .queries()
        .ask(
            Rpcs.RUNTIME_CONFIG,
            ByteString.EMPTY,
            answer -> {
              keep(answer);
              backends.secondaries().forEach(this::report);
              next.run();
            });
  }

  private synchronized void keep(BackendResponse answer) {
    CgroupDriver driver = answer.isOk() ? driver(answer.message()) : null;
    if (driver == null) {
      drivers.remove(answer.backend());
    } else {
      drivers.put(answer.backend(), driver);
    }
  }

  /**
   * Null if the runtime is not for Linux, or has a driver that this version of CRI does not have.
   */
  private static @Nullable CgroupDriver driver(ByteString response) {
    try {
      WireMessage config = WireMessage.parse(response);
      if (!config.has(RuntimeConfigResponse.LINUX_FIELD_NUMBER)) {
        return null;
      }
      WireMessage linux = config.message(RuntimeConfigResponse.LINUX_FIELD_NUMBER);
      long number = linux.number(LinuxRuntimeConfiguration.CGROUP_DRIVER_FIELD_NUMBER);
      return CgroupDriver.forNumber((int) number);
    } catch (MalformedMessageException e) {
      return null;
    }
  }

  /**
   * The message about a secondary whose driver differs from the primary's; empty if it does not.
   */
  synchronized String mismatch(Backend secondary) {
    CgroupDriver own = drivers.get(secondary);
    CgroupDriver primaryDriver = drivers.get(backends.primary());
    return own == null || primaryDriver == null || own == primaryDriver
        ? ""
        : String.format(
            "runtime %s uses the cgroup driver %s, the primary %s uses %s, which the kubelet uses"
                + " for all pods: configure %s for runtime %s and restart it",
            secondary,
            word(own),
            backends.primary(),
            word(primaryDriver),
            word(primaryDriver),
            secondary.name());
  }

  private static String word(CgroupDriver driver) {
    return driver == CgroupDriver.SYSTEMD ? "systemd" : "cgroupfs";
  }

  /** Logs each change once. */
  private void report(Backend secondary) {
    String mismatch;
    String before;
    synchronized (this) {
      mismatch = mismatch(secondary);
      before = mismatch.isEmpty() ? reported.remove(secondary) : reported.put(secondary, mismatch);
    }
    if (mismatch.isEmpty() && before != null) {
      LOG.log(
          System.Logger.Level.INFO,
          "runtime {0} and the primary do not differ in their cgroup drivers any more",
          secondary);
    } else if (!mismatch.isEmpty() && !mismatch.equals(before)) {
      LOG.log(System.Logger.Level.ERROR, mismatch);
    }
  }
}
