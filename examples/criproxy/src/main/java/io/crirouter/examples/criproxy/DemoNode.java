package io.crirouter.examples.criproxy;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcBackend;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.FakeRuntime;
import io.grpc.Metadata;
import io.grpc.stub.AbstractStub;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;

/** A node in one process: two fake runtimes and the router, each on its own socket. */
final class DemoNode implements AutoCloseable {
  static final String PRIMARY = "containerd";
  static final String SPECIAL = "virtlet.cloud";

  /** The header that distinguishes the kubelet's calls from the router's own. */
  static final String TRACE_HEADER = "traceparent";

  private static final String TRACE = "00-c0ffee00c0ffee00c0ffee00c0ffee00-c0ffee00c0ffee00-01";

  private final Path folder;
  private final Deque<AutoCloseable> open = new ArrayDeque<>();
  private final Map<String, FakeRuntime> runtimes = new LinkedHashMap<>();
  private CriClient client;

  private DemoNode(Path folder) throws IOException {
    this.folder = folder;
    EventLoops loops = keep(EventLoops.create());
    CriRouter.Builder builder = CriRouter.builder().scheduler(loops.scheduler());
    builder.primary(BackendName.of(PRIMARY), runtime(PRIMARY, loops));
    builder.secondary(BackendName.of(SPECIAL), runtime(SPECIAL, loops));
    CriRouter router = keep(builder.build());
    router.firstContact().toCompletableFuture().join();
    keep(CriServer.builder(router).socket(socket()).eventLoops(loops).start());
    client = keep(CriClient.connect(socket()));
  }

  static DemoNode start() throws IOException {
    return new DemoNode(Files.createTempDirectory("criproxy-demo"));
  }

  private GrpcBackend runtime(String name, EventLoops loops) throws IOException {
    FakeRuntime runtime = FakeRuntime.create(name);
    runtimes.put(name, runtime);
    Path socket = folder.resolve(name + ".sock");
    keep(CriServer.builder(runtime).socket(socket).eventLoops(loops).start());
    return keep(GrpcBackend.builder(socket).eventLoops(loops).build());
  }

  private <T extends AutoCloseable> T keep(T resource) {
    open.push(resource);
    return resource;
  }

  /** Where the kubelet connects. */
  Path socket() {
    return folder.resolve("criproxy.sock");
  }

  /** The kubelet's connection. */
  CriClient client() {
    return client;
  }

  /** Lets a stub send trace context with each call, as newer kubelets do. */
  <S extends AbstractStub<S>> S kubelet(S stub) {
    Metadata headers = new Metadata();
    headers.put(Metadata.Key.of(TRACE_HEADER, Metadata.ASCII_STRING_MARSHALLER), TRACE);
    return stub.withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  /** The runtimes by name, the primary first. */
  Map<String, FakeRuntime> runtimes() {
    return runtimes;
  }

  @Override
  public void close() throws IOException {
    for (AutoCloseable resource : open) {
      close(resource);
    }
    try (var files = Files.list(folder)) {
      files.forEach(DemoNode::delete);
    }
    Files.delete(folder);
  }

  private static void close(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new IllegalStateException("cannot close " + resource, e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.delete(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
