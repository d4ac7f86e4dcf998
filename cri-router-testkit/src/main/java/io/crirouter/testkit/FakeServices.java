package io.crirouter.testkit;

import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.TypedBackend;
import io.crirouter.proto.v1.RuntimeHandler;
import java.time.Instant;
import java.util.Set;
import java.util.stream.Collectors;

/** The state of a {@link FakeRuntime} and its rpcs, without fault injection. */
final class FakeServices {
  /** The number of events that containerd 1.7 buffers for a slow subscriber. */
  private static final int BUFFERED_MESSAGES = 1000;

  final FakeState state;
  final NodeCalls node;
  final ImageCalls images;
  final ExecCalls exec;
  final CheckpointCalls checkpoints;
  final RuntimeBackend backend;

  FakeServices(FakeRuntimeBuilder from) {
    Instant startsAt = from.startsAt == null ? Instant.now() : from.startsAt;
    Set<String> handlers =
        from.handlers.stream().map(RuntimeHandler::getName).collect(Collectors.toSet());
    handlers.addAll(from.unlistedHandlers);
    state = new FakeState(handlers, from.ids, from.scheduler, startsAt, from.recording);
    node = new NodeCalls(from);
    images = new ImageCalls(state, from.imageFilesystem, from.containerFilesystem);
    exec = new ExecCalls(state, from.scheduler, from.streamUrlPrefix, from.execSync);
    ContainerCalls containers = new ContainerCalls(state);
    checkpoints = new CheckpointCalls(state, containers);

    TypedBackend.Builder typed =
        TypedBackend.builder()
            .direct()
            .bufferedMessages(BUFFERED_MESSAGES)
            .address("fake runtime " + from.name);
    Rpcs rpcs = new Rpcs(typed, state, Set.copyOf(from.without), from.chunkSize);
    node.register(rpcs);
    new PodCalls(state, !from.lacks("GetContainerEvents")).register(rpcs);
    containers.register(rpcs);
    exec.register(rpcs);
    images.register(rpcs);
    new StatsCalls(state, from.containerFilesystem).register(rpcs);
    new MetricCalls(state, from.metricLabelKeys, from.metricIdLabel).register(rpcs);
    checkpoints.register(rpcs);
    backend = typed.build();
  }
}
