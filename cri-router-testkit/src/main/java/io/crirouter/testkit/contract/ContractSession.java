package io.crirouter.testkit.contract;

import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.testkit.CriClient;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Checks rules against one runtime. Not thread-safe. */
final class ContractSession implements AutoCloseable {
  /** The timeout of rules that are expected to fail. */
  private static final Duration SHORT_TIMEOUT = Duration.ofSeconds(2);

  private static final Duration PULL_TIMEOUT = Duration.ofMinutes(5);

  private final RuntimeUnderTest runtime;
  private final CriClient connection;
  private final CriClient client;
  private final RuleCalls sessionCalls;
  private @Nullable SharedPod shared;
  private Duration timeout;

  private ContractSession(RuntimeUnderTest runtime) {
    this.runtime = runtime;
    timeout = runtime.timeout;
    connection = runtime.connect.get();
    client = connection.speaking(runtime.apiVersion);
    sessionCalls = new RuleCalls(this);
  }

  /** Connects, and pulls the image if it is absent. */
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
    CriClient slowClient = client.withDeadline(PULL_TIMEOUT);
    boolean present =
        slowClient
            .images()
            .imageStatus(ImageStatusRequest.newBuilder().setImage(sessionCalls.image()).build())
            .hasImage();
    if (!present) {
      var unused =
          slowClient
              .images()
              .pullImage(
                  PullImageRequest.newBuilder()
                      .setImage(sessionCalls.image())
                      .setSandboxConfig(sessionCalls.podConfig())
                      .build());
    }
  }

  RuntimeUnderTest runtime() {
    return runtime;
  }

  CriClient client() {
    return client;
  }

  /** A pod with a running container, for rules that do not change it. */
  SharedPod shared() {
    SharedPod pod = shared;
    if (pod == null) {
      pod = SharedPod.run(sessionCalls);
      shared = pod;
    }
    return pod;
  }

  /** The limit of {@link RuleCalls#eventually}. */
  Duration timeout() {
    return timeout;
  }

  /** Checks a rule and removes its pods. */
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

  /** Whether the runtime breaks a rule. */
  boolean isBroken(Rule rule) {
    timeout = runtime.timeout.compareTo(SHORT_TIMEOUT) < 0 ? timeout : SHORT_TIMEOUT;
    try {
      check(rule);
      return false;
    } catch (Exception | AssertionError e) {
      return true;
    } finally {
      timeout = runtime.timeout;
    }
  }

  @Override
  public void close() {
    try {
      sessionCalls.removeAll();
    } finally {
      connection.close();
    }
  }
}
