package io.crirouter.examples.criproxy.service;

import java.lang.reflect.Proxy;

/**
 * Handlers for operating system signals. The JDK has no API for them but {@code sun.misc.Signal} of
 * the module {@code jdk.unsupported}. It is used by reflection, because the compiler warns of each
 * direct use.
 */
public final class Signals {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  private Signals() {}

  /**
   * Runs {@code action} at each signal of this name, on its own thread, instead of the JVM's
   * handler. A signal that the process inherited as ignored stays ignored, which is logged.
   *
   * @param name without {@code SIG}, {@code HUP} for example
   */
  public static void on(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object actionHandler =
          Proxy.newProxyInstance(
              Signals.class.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                action.run();
                return null;
              });
      Object former =
          signal
              .getMethod("handle", signal, handler)
              .invoke(null, signal.getConstructor(String.class).newInstance(name), actionHandler);
      if (handler.getField("SIG_IGN").get(null).equals(former)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "SIG{0} is ignored: the parent of criproxy started it so, as nohup does",
            name);
      }
    } catch (ReflectiveOperationException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot handle SIG" + name + ": the JVM does", e);
    }
  }
}
