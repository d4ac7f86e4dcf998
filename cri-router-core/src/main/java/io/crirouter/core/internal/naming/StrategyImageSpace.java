package io.crirouter.core.internal.naming;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.core.BackendName;
import io.crirouter.core.ImageStrategy;
import io.crirouter.core.RpcException;
import io.crirouter.core.internal.call.ForeignCode;
import io.crirouter.core.internal.wire.ReferenceTranslator.Replacement;

/**
 * Names that the embedder's strategy makes, which is foreign code. An exception, a null or a name
 * that breaks the rules of {@link ImageStrategy} becomes a status that names the strategy.
 */
record StrategyImageSpace(ImageStrategy strategy, ForeignCode code, BackendName backend)
    implements ImageSpace {
  @Override
  public boolean isUnchanged() {
    return false;
  }

  @Override
  public boolean owns(String clientRef) throws RpcException {
    return code.call(() -> strategy.owns(backend, clientRef), () -> thing(clientRef));
  }

  @Override
  public boolean canHave(String clientRef) throws RpcException {
    return owns(clientRef) || clientName(toRuntime(clientRef)).equals(clientRef);
  }

  @Override
  public void toRuntime(String clientRef, int length, Replacement replacement) throws RpcException {
    replacement.replaceStart(length, toRuntime(clientRef).getBytes(UTF_8));
  }

  @Override
  public void toClient(byte[] buffer, int start, int end, Replacement replacement)
      throws RpcException {
    String clientRef = toClient(new String(buffer, start, end - start, UTF_8));
    replacement.replaceStart(end - start, clientRef.getBytes(UTF_8));
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

  private String toRuntime(String clientRef) throws RpcException {
    return code.call(() -> strategy.toRuntime(backend, clientRef), () -> thing(clientRef));
  }

  private String thing(String ref) {
    return "image '" + ref + "' of runtime " + backend;
  }
}
