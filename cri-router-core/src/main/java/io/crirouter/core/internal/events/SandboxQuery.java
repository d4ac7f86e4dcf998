package io.crirouter.core.internal.events;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.backend.Backend;
import io.crirouter.core.internal.backend.BackendResponse;
import io.crirouter.core.internal.schema.Rpcs;
import io.crirouter.core.internal.wire.MalformedMessageException;
import io.crirouter.core.internal.wire.WireMessage;
import io.crirouter.core.internal.wire.WireWriter;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Queries the state of one sandbox and its containers, as events carry it. Containers are queried
 * one by one if PodSandboxStatus does not have them (before Kubernetes 1.26).
 */
final class SandboxQuery {
  private final Backend backend;
  private final SerialTasks tasks;
  private final String id;
  private final Deque<String> containers;
  private final Consumer<Optional<ByteString>> whenKnown;
  private final List<ByteString> containerStatuses = new ArrayList<>();
  private ByteString sandboxStatus;

  /**
   * @param whenKnown receives the fields of a ContainerEventResponse that have the state, in a
   *     task; empty if the runtime does not answer
   */
  SandboxQuery(
      Backend backend,
      SerialTasks tasks,
      Subject subject,
      Consumer<Optional<ByteString>> whenKnown) {
    this.backend = backend;
    this.tasks = tasks;
    this.id = subject.id();
    this.sandboxStatus = subject.asListed();
    this.containers = new ArrayDeque<>(subject.containers());
    this.whenKnown = whenKnown;
  }

  /**
   * The sandbox that is queried.
   *
   * @param id its id
   * @param asListed its PodSandboxStatus from a list, for use if the runtime has none
   * @param containers its containers in the list
   */
  record Subject(String id, ByteString asListed, List<String> containers) {}

  void start() {
    ask(
        Rpcs.POD_SANDBOX_STATUS,
        new WireWriter().string(PodSandboxStatusRequest.POD_SANDBOX_ID_FIELD_NUMBER, id),
        this::onSandbox);
  }

  /** The same fields for a sandbox without containers. */
  static ByteString fields(ByteString sandboxStatus) {
    return new WireWriter()
        .message(ContainerEventResponse.POD_SANDBOX_STATUS_FIELD_NUMBER, sandboxStatus)
        .toByteString();
  }

  /** Whether a status means that the runtime did not answer. */
  private static boolean isNoAnswer(RpcStatus status) {
    return status.isUnreachable()
        || status.code() == Code.UNAVAILABLE
        || status.code() == Code.DEADLINE_EXCEEDED;
  }

  private interface Step {
    void take(BackendResponse answer) throws MalformedMessageException;
  }

  private void ask(CriMethod method, WireWriter request, Step next) {
    backend
        .queries()
        .ask(
            method,
            request.toByteString(),
            answer ->
                tasks.execute(
                    () -> {
                      if (isNoAnswer(answer.status())) {
                        whenKnown.accept(Optional.empty());
                      } else {
                        take(answer, next);
                      }
                    }));
  }

  /** A malformed response counts as absent. */
  private void take(BackendResponse answer, Step next) {
    try {
      next.take(answer);
    } catch (MalformedMessageException e) {
      askNextContainer();
    }
  }

  private void onSandbox(BackendResponse answer) throws MalformedMessageException {
    WireMessage response = WireMessage.parse(answer.message());
    if (response.has(PodSandboxStatusResponse.STATUS_FIELD_NUMBER)) {
      sandboxStatus = response.value(PodSandboxStatusResponse.STATUS_FIELD_NUMBER);
    }
    containerStatuses.addAll(
        response.values(PodSandboxStatusResponse.CONTAINERS_STATUSES_FIELD_NUMBER));
    if (!containerStatuses.isEmpty()) {
      containers.clear();
    }
    askNextContainer();
  }

  private void askNextContainer() {
    String container = containers.poll();
    if (container == null) {
      whenKnown.accept(Optional.of(asFields()));
      return;
    }
    ask(
        Rpcs.CONTAINER_STATUS,
        new WireWriter().string(ContainerStatusRequest.CONTAINER_ID_FIELD_NUMBER, container),
        this::onContainer);
  }

  private void onContainer(BackendResponse answer) throws MalformedMessageException {
    WireMessage response = WireMessage.parse(answer.message());
    if (response.has(ContainerStatusResponse.STATUS_FIELD_NUMBER)) {
      containerStatuses.add(response.value(ContainerStatusResponse.STATUS_FIELD_NUMBER));
    }
    askNextContainer();
  }

  private ByteString asFields() {
    WireWriter fields = new WireWriter().raw(fields(sandboxStatus));
    containerStatuses.forEach(
        status -> fields.message(ContainerEventResponse.CONTAINERS_STATUSES_FIELD_NUMBER, status));
    return fields.toByteString();
  }
}
