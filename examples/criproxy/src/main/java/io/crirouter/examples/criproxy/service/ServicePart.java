package io.crirouter.examples.criproxy.service;

import io.crirouter.core.BackendName;
import io.crirouter.core.CriRouter;
import io.crirouter.core.RuntimeBackend;
import io.crirouter.core.StateStore;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Something that a {@link ProxyService} has besides router and server, such as an admin socket. */
public interface ServicePart extends AutoCloseable {
  /** Called once, before the router is built: observers and listeners can be added. */
  default void configure(CriRouter.Builder router) {}

  /**
   * What the router calls for a runtime: {@code runtime} itself, or something that calls it. Called
   * for each connection, also after the start.
   */
  default RuntimeBackend behindRouter(BackendName name, RuntimeBackend runtime) {
    return runtime;
  }

  /** What the server calls: {@code router} itself, or something that calls it. Called once. */
  default RuntimeBackend inFrontOfRouter(RuntimeBackend router) {
    return router;
  }

  /**
   * Called once, when the router has been built and is connecting, before the proxy listens; of one
   * that takes the place of another, when that has been told to finish.
   *
   * @throws IOException if the proxy must not start without this part; the message says why
   */
  default void start(ProxyService service) throws IOException {}

  /**
   * Called when a save of the state file has ended, on the thread that writes it. Never throws; see
   * {@link StateStore.SaveListener#ended}.
   */
  default void saved(int bytes, @Nullable Throwable failure) {}

  /**
   * Called once, when another proxy has taken the place of this one, which only finishes its calls
   * then: gives up what both cannot have. Never throws.
   */
  default void superseded() {}

  /** Called once, after the last call has ended and before the router is closed. Never throws. */
  @Override
  default void close() {}
}
