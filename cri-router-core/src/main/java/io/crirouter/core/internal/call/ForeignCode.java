package io.crirouter.core.internal.call;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.Scheduler;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Calls an object that the embedder wrote. An exception or a null from it becomes a status with the
 * code INTERNAL that names it, and is logged with the stack trace, at most once a minute.
 * Thread-safe.
 */
public final class ForeignCode {
  private static final System.Logger LOG = System.getLogger("io.crirouter");
  private static final long SILENCE_NANOS = 60_000_000_000L;

  private final String name;
  private final Scheduler scheduler;
  private final AtomicLong quietUntil;

  /**
   * @param name what kind of object it is, and which one, for messages
   */
  public ForeignCode(String name, Scheduler scheduler) {
    this.name = name;
    this.scheduler = scheduler;
    this.quietUntil = new AtomicLong(scheduler.nanoTime());
  }

  /**
   * Asks the object.
   *
   * @param subject what the question is about, for the message
   * @throws RpcException INTERNAL if it threw or returned null
   */
  public <T> T call(Supplier<@Nullable T> question, Supplier<String> subject) throws RpcException {
    T answer;
    try {
      answer = question.get();
    } catch (RuntimeException | Error e) {
      throw failed(subject.get() + ": " + e, e);
    }
    if (answer == null) {
      throw failed(subject.get() + ": it returned null", null);
    }
    return answer;
  }

  private RpcException failed(String what, @Nullable Throwable cause) {
    return report(name + " failed for " + what, cause);
  }

  /** The status for a rule that the object breaks, which is logged too. */
  public RpcException broken(String what) {
    return report(name + " is broken: " + what, null);
  }

  /** Logs that the object threw in {@code method}. What becomes of the call is up to the caller. */
  public void failedIn(String method, Throwable cause) {
    log(name + " failed in " + method, cause);
  }

  private RpcException report(String message, @Nullable Throwable cause) {
    log(message, cause);
    return new RpcException(Code.INTERNAL, message);
  }

  private void log(String message, @Nullable Throwable cause) {
    long now = scheduler.nanoTime();
    long quiet = quietUntil.get();
    if (now - quiet >= 0 && quietUntil.compareAndSet(quiet, now + SILENCE_NANOS)) {
      LOG.log(System.Logger.Level.ERROR, message, cause);
    }
  }

  @Override
  public String toString() {
    return name;
  }
}
