package io.crirouter.core.internal.naming;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.call.ForeignCode;

/**
 * Image refs that the embedder's strategy makes, which is foreign code. An exception, a null or a
 * name that breaks the rules of {@link ImageStrategy} becomes a status that names the strategy.
 */
record StrategyNames(ImageStrategy strategy, ForeignCode code, BackendName backend)
    implements NameSpace {
  @Override
  public boolean owns(String clientRef) throws RpcException {
    return code.call(() -> strategy.owns(backend, clientRef), () -> thing(clientRef));
  }

  @Override
  public boolean canHave(String clientRef) throws RpcException {
    return owns(clientRef) || clientName(toRuntime(clientRef)).equals(clientRef);
  }

  @Override
  public String toClient(String ref) throws RpcException {
    String clientRef = clientName(ref);
    String again = toRuntime(clientRef);
    if (!again.equals(ref)) {
      throw code.broken(
          String.format("it calls %s '%s' and reads that as '%s'", thing(ref), clientRef, again));
    }
    return clientRef;
  }

  private String clientName(String ref) throws RpcException {
    return code.call(() -> strategy.toClient(backend, ref), () -> thing(ref));
  }

  @Override
  public String toRuntime(String clientRef) throws RpcException {
    return code.call(() -> strategy.toRuntime(backend, clientRef), () -> thing(clientRef));
  }

  private String thing(String ref) {
    return "image '" + ref + "' of runtime " + backend;
  }
}
