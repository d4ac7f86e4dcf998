package io.crirouter.examples.criproxy.service;

import java.lang.reflect.Proxy;

/**
 * Signals of the operating system. The JDK has no other way to them than {@code sun.misc.Signal},
 * which the module {@code jdk.unsupported} exports for that; the compiler warns of each mention, so
 * it is named at run time.
 */
public final class Signals {
  private static final System.Logger LOG = System.getLogger("io.crirouter.criproxy");

  private Signals() {}

  /**
   * Runs {@code action} at each signal of this name, on a thread of its own, in place of what the
   * JVM does then. A signal that is ignored already stays so, which is logged: the JVM leaves it.
   *
   * @param name without {@code SIG}, {@code HUP} for example
   */
  public static void on(String name, Runnable action) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
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
              .invoke(null, signal.getConstructor(String.class).newInstance(name), ours);
      if (handler.getField("SIG_IGN").get(null).equals(former)) {
        LOG.log(
            System.Logger.Level.WARNING,
            "SIG{0} does nothing here: whoever started criproxy lets it be ignored, as nohup does",
            name);
      }
    } catch (ReflectiveOperationException e) {
      LOG.log(System.Logger.Level.WARNING, "SIG" + name + " does what the JVM makes of it", e);
    }
  }
}
