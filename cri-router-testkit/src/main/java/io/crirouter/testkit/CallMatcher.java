package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import com.google.protobuf.Message;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import java.util.function.Predicate;

/**
 * Selects calls for {@link CallJournal#verify} and {@link TestRuntime#dispatch}, with a description
 * for failures. Immutable.
 *
 * <pre>{@code
 * journal.verify(2, CallMatcher.rpc("StopContainer").endedWith(Code.OK));
 * }</pre>
 */
public final class CallMatcher implements Predicate<RecordedCall> {
  private final String description;
  private final Predicate<RecordedCall> condition;

  private CallMatcher(String description, Predicate<RecordedCall> condition) {
    this.description = description;
    this.condition = condition;
  }

  /** Every call. */
  public static CallMatcher any() {
    return new CallMatcher("any rpc", call -> true);
  }

  /**
   * The calls of one rpc.
   *
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  public static CallMatcher rpc(String name) {
    CriMethod method = CriMethod.of(name);
    return new CallMatcher(name, call -> call.method().equals(method));
  }

  /** Only those whose request contains the config of a pod called {@code podName}. */
  public CallMatcher forPod(String podName) {
    requireNonNull(podName, "podName");
    return where(
        "for pod " + podName,
        call ->
            Subjects.podOf(call)
                .filter(pod -> pod.getMetadata().getName().equals(podName))
                .isPresent());
  }

  /** Only those with this id, image or pod as their {@link RecordedCall#subject}. */
  public CallMatcher about(String subject) {
    requireNonNull(subject, "subject");
    return where("about " + subject, call -> call.subject().equals(subject));
  }

  /** Only those that arrived at {@code place}: see {@link RecordedCall#place}. */
  public CallMatcher at(String place) {
    requireNonNull(place, "place");
    return where("at " + place, call -> call.place().equals(place));
  }

  /** Only those that have ended with {@code code}. */
  public CallMatcher endedWith(RpcStatus.Code code) {
    requireNonNull(code, "code");
    return where(
        "that ended with " + code,
        call -> call.status().filter(status -> status.code() == code).isPresent());
  }

  /** Only those whose request is a {@code type} that fulfils {@code more}. */
  public <T extends Message> CallMatcher withRequest(Class<T> type, Predicate<? super T> more) {
    requireNonNull(more, "more");
    return where(
        "with a certain " + type.getSimpleName(),
        call -> type.isInstance(call.request()) && more.test(type.cast(call.request())));
  }

  /**
   * Only those that fulfil {@code more}.
   *
   * @param inWords describes {@code more} in failures
   */
  public CallMatcher where(String inWords, Predicate<? super RecordedCall> more) {
    return new CallMatcher(description + " " + inWords, condition.and(more));
  }

  @Override
  public boolean test(RecordedCall call) {
    return condition.test(call);
  }

  @Override
  public String toString() {
    return description;
  }
}
