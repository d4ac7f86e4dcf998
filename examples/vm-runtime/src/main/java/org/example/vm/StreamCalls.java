package org.example.vm;

import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.AttachRequest;
import io.crirouter.proto.v1.AttachResponse;
import io.crirouter.proto.v1.ExecRequest;
import io.crirouter.proto.v1.ExecResponse;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ExecSyncResponse;
import io.crirouter.proto.v1.PortForwardRequest;
import io.crirouter.proto.v1.PortForwardResponse;

/** The streaming rpcs. Only Attach is supported, to the console of a machine. */
record StreamCalls(Pods pods, ContainerCalls containers, AttachServer server) {
  AttachResponse attach(AttachRequest request) throws RpcException {
    VmContainer container = containers.running(request.getContainerId());
    return AttachResponse.newBuilder().setUrl(server.url(container)).build();
  }

  ExecSyncResponse execSync(ExecSyncRequest request) throws RpcException {
    throw noExec(request.getContainerId());
  }

  ExecResponse exec(ExecRequest request) throws RpcException {
    throw noExec(request.getContainerId());
  }

  private RpcException noExec(String id) throws RpcException {
    return new RpcException(
        Code.UNIMPLEMENTED,
        "a VM does not support exec: attach to the console of " + containers.running(id).id());
  }

  PortForwardResponse portForward(PortForwardRequest request) throws RpcException {
    throw new RpcException(
        Code.UNIMPLEMENTED,
        "a VM does not support port-forward: connect to "
            + pods.get(request.getPodSandboxId()).status().getNetwork().getIp());
  }
}
