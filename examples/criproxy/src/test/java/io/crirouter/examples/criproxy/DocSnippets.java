package io.crirouter.examples.criproxy;

import io.crirouter.core.BackendName;
import io.crirouter.core.CallObserver;
import io.crirouter.core.CallPart;
import io.crirouter.core.CriMethod;
import io.crirouter.core.CriRouter;
import io.crirouter.core.OwnedObject;
import io.crirouter.core.PodView;
import io.crirouter.core.Rpc;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.TypedBackend;
import io.crirouter.grpc.CriServer;
import io.crirouter.grpc.EventLoops;
import io.crirouter.grpc.GrpcServiceBackend;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.grpc.BindableService;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The snippets of the pages in docs, between the marks. */
abstract class DocSnippets {
  RuntimeBackend service(
      BindableService runtimeService, BindableService imageService, EventLoops loops) {
    ExecutorService executor = Executors.newFixedThreadPool(16);
    // snippet: service
    RuntimeBackend vmRuntime =
        GrpcServiceBackend.builder()
            .executor(executor)
            .scheduler(loops.scheduler())
            .address("the VMs of this process")
            .service(runtimeService)
            .service(imageService)
            .build();
    // end
    return vmRuntime;
  }

  void events(TypedBackend.Builder backend, VmEvents vms) {
    // snippet: events
    backend.streaming(
        Rpc.GET_CONTAINER_EVENTS,
        (request, sink) -> {
          VmEvents.Subscription subscription = vms.subscribe(sink::offer);
          return subscription::cancel;
        });
    // end
  }

  /** Events of a runtime. */
  interface VmEvents {
    Subscription subscribe(Predicate<ContainerEventResponse> subscriber);

    /** Ends a subscription. */
    interface Subscription {
      void cancel();
    }
  }

  void observe(CriRouter.Builder router, System.Logger log) {
    // snippet: observe
    router.observer(
        CallObserver.whenEnded(
            call -> {
              for (CallPart part : call.parts()) {
                latency(call.method(), part.backend(), part.status().code(), part.latency());
              }
              if (!call.status().isOk()) {
                log.log(
                    System.Logger.Level.WARNING, "{0}: {1}", call.method().name(), call.status());
              }
            }));
    // end
  }

  abstract void latency(
      CriMethod method, BackendName backend, RpcStatus.Code code, Duration latency);

  void explain(CriRouter router, PodView pod, String id) {
    // snippet: explain
    System.out.println(router.explain(pod));
    for (OwnedObject object : router.owners(id)) {
      System.out.println(object.kind() + " of " + object.backend() + ": " + object.state());
    }
    // end
  }

  void stop(CriServer server, CriRouter router, ExecutorService executor)
      throws InterruptedException {
    // snippet: stop
    server.close(); // no new calls; those under way may end
    router.close(); // the last state is saved
    executor.shutdown();
    if (!executor.awaitTermination(30, TimeUnit.SECONDS)) {
      executor.shutdownNow();
    }
    // end
  }
}
