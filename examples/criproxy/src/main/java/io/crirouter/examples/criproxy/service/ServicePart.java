package io.crirouter.examples.criproxy.service;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.StateStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An optional component of a {@link ProxyService}, such as the admin socket or metrics. */
public interface ServicePart extends AutoCloseable {
  /** Called once, before the router is built. Adds observers and listeners. */
  default void configure(CriRouter.Builder router) {}

  /**
   * The backend of the router for a runtime: {@code runtime} itself or a wrapper of it. Called for
   * each connection, also after the start.
   */
  default RuntimeBackend wrapRuntime(BackendName name, RuntimeBackend runtime) {
    return runtime;
  }

  /** The backend of the server: {@code router} itself or a wrapper of it. Called once. */
  default RuntimeBackend wrapRouter(RuntimeBackend router) {
    return router;
  }

  /**
   * Called once, when the router has been built and is connecting, before the proxy listens. In a
   * proxy that takes over, called after the predecessor has released its resources.
   *
   * @throws IOException if the proxy must not start without this part; the message says why. A
   *     proxy that takes over logs the message and runs without the part.
   */
  default void start(ProxyService service) throws IOException {}

  /**
   * Called on the writer's thread when a save of the state file has ended. Must not throw; see
   * {@link StateStore.SaveListener#ended}.
   */
  default void saved(int bytes, @Nullable Throwable failure) {}

  /**
   * Called once, when another proxy has taken over. Releases what only one of both can hold; this
   * proxy only finishes its calls. Must not throw.
   */
  default void superseded() {}

  /** Called once, after the last call has ended and before the router is closed. Must not throw. */
  @Override
  default void close() {}
}
