package org.example.vm;

import io.grpc.stub.StreamObserver;
import org.example.vm.cri.RunPodSandboxRequest;
import org.example.vm.cri.RunPodSandboxResponse;
import org.example.vm.cri.RuntimeServiceGrpc;
import org.example.vm.cri.VersionRequest;
import org.example.vm.cri.VersionResponse;

/** A runtime as a gRPC service on generated classes of its own. */
final class VmRuntimeService extends RuntimeServiceGrpc.RuntimeServiceImplBase {
  @Override
  public void version(VersionRequest request, StreamObserver<VersionResponse> response) {
    response.onNext(
        VersionResponse.newBuilder()
            .setVersion("0.1.0")
            .setRuntimeName("vm")
            .setRuntimeVersion("1.0")
            .setRuntimeApiVersion("v1")
            .build());
    response.onCompleted();
  }

  @Override
  public void runPodSandbox(
      RunPodSandboxRequest request, StreamObserver<RunPodSandboxResponse> response) {
    response.onNext(RunPodSandboxResponse.newBuilder().setPodSandboxId("vm-1").build());
    response.onCompleted();
  }
}
