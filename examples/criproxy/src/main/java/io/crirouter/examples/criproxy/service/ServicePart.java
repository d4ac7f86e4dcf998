package io.crirouter.examples.criproxy.service;

import io.crirouter.core.CriRouter;
import java.io.IOException;

/** Something that a {@link ProxyService} has besides router and server, such as an admin socket. */
public interface ServicePart extends AutoCloseable {
  /** Called once, before the router is built: observers and listeners can be added. */
  default void configure(CriRouter.Builder router) {}

  /**
   * Called once, when the router has been built and is connecting, before the proxy listens.
   *
   * @throws IOException if the proxy must not start without this part; the message says why
   */
  default void start(ProxyService service) throws IOException {}

  /** Called once, after the last call has ended and before the router is closed. Never throws. */
  @Override
  default void close() {}
}
