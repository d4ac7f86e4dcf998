package io.crirouter.testkit.contract;

import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The rules on their way through one runtime. To be used by one thread. */
final class ContractSession implements AutoCloseable {
  /** Where nothing is expected to come. */
  private static final Duration LITTLE_PATIENCE = Duration.ofSeconds(2);

  private static final Duration LONGEST_PULL = Duration.ofMinutes(5);

  private final RuntimeUnderTest runtime;
  private final CriClient connection;
  private final CriClient client;
  private final RuleCalls own;
  private @Nullable SharedPod shared;
  private Duration patience;

  private ContractSession(RuntimeUnderTest runtime) {
    this.runtime = runtime;
    patience = runtime.patience;
    connection = runtime.connect.get();
    client = connection.speaking(runtime.apiVersion);
    own = new RuleCalls(this);
  }

  /** Connects and sees to it that the image is there. */
  static ContractSession open(RuntimeUnderTest runtime) {
    ContractSession session = new ContractSession(runtime);
    try {
      session.pullIfAbsent();
      return session;
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
  }

  private void pullIfAbsent() {
    CriClient patient = client.withDeadline(LONGEST_PULL);
    boolean present =
        patient
            .images()
            .imageStatus(ImageStatusRequest.newBuilder().setImage(own.image()).build())
            .hasImage();
    if (!present) {
      var unused =
          patient
              .images()
              .pullImage(
                  PullImageRequest.newBuilder()
                      .setImage(own.image())
                      .setSandboxConfig(own.podConfig())
                      .build());
    }
  }

  RuntimeUnderTest runtime() {
    return runtime;
  }

  CriClient client() {
    return client;
  }

  /** A pod with a running container for all rules that leave it as it is. */
  SharedPod shared() {
    SharedPod pod = shared;
    if (pod == null) {
      pod = SharedPod.run(own);
      shared = pod;
    }
    return pod;
  }

  /** How long a rule may wait for what happens in the background. */
  Duration patience() {
    return patience;
  }

  /** Applies a rule and removes what it has made. */
  void check(Rule rule) throws Exception {
    RuleCalls calls = new RuleCalls(this);
    try {
      rule.body().check(calls);
    } catch (StatusRuntimeException e) {
      AssertionError failure =
          new AssertionError(runtime + " refused a call: " + e.getMessage(), e);
      calls.removeAllAfter(failure);
      throw failure;
    } catch (Exception | Error e) {
      calls.removeAllAfter(e);
      throw e;
    }
    calls.removeAll();
  }

  /** Whether the runtime does not keep a rule. */
  boolean isBroken(Rule rule) {
    patience = runtime.patience.compareTo(LITTLE_PATIENCE) < 0 ? patience : LITTLE_PATIENCE;
    try {
      check(rule);
      return false;
    } catch (Exception | AssertionError e) {
      return true;
    } finally {
      patience = runtime.patience;
    }
  }

  @Override
  public void close() {
    try {
      own.removeAll();
    } finally {
      connection.close();
    }
  }
}
