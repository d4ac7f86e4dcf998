package io.crirouter.testkit.contract;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.condition.EnabledIf;

/**
 * {@link RuntimeContract} for any runtime on a socket, without a subclass. Each setting is a system
 * property or an environment variable of the same name. Without {@code CRI_ROUTER_CONTRACT_SOCKET}
 * the suite is skipped.
 *
 * <table>
 * <caption>Settings</caption>
 * <tr><td>{@code CRI_ROUTER_CONTRACT_SOCKET}</td><td>the path of the socket</td></tr>
 * <tr><td>{@code CRI_ROUTER_CONTRACT_IMAGE}</td><td>an image with a shell; {@code
 *     docker.io/library/busybox:latest} by default</td></tr>
 * <tr><td>{@code CRI_ROUTER_CONTRACT_LACKS}</td><td>{@link Feature}s, separated by commas</td></tr>
 * <tr><td>{@code CRI_ROUTER_CONTRACT_LOGS}</td><td>a folder for container logs</td></tr>
 * <tr><td>{@code CRI_ROUTER_CONTRACT_REMOVE}</td><td>an image that may be removed</td></tr>
 * <tr><td>{@code CRI_ROUTER_CONTRACT_HANDLER}</td><td>the runtime handler of the pods</td></tr>
 * <tr><td>{@code CRI_ROUTER_CONTRACT_ANNOTATION}</td><td>{@code KEY=VALUE} of the pods</td></tr>
 * <tr><td>{@code CRI_ROUTER_CONTRACT_API}</td><td>{@code v1}, or {@code v1alpha2}</td></tr>
 * </table>
 */
@EnabledIf("isSet")
public class SocketRuntimeContract extends RuntimeContract {
  private static final String PREFIX = "CRI_ROUTER_CONTRACT_";
  private static final String DEFAULT_IMAGE = "docker.io/library/busybox:latest";

  /** For JUnit. */
  public SocketRuntimeContract() {}

  /** Whether a socket is configured. */
  static boolean isSet() {
    return setting("SOCKET").isPresent();
  }

  private static Optional<String> setting(String name) {
    String property = System.getProperty(PREFIX + name, System.getenv().get(PREFIX + name));
    return Optional.ofNullable(property).filter(value -> !value.isBlank());
  }

  @Override
  protected RuntimeUnderTest runtime() {
    return runtime(SocketRuntimeContract::setting);
  }

  /**
   * The runtime that the settings describe.
   *
   * @throws IllegalArgumentException that names the setting and the accepted values
   */
  static RuntimeUnderTest runtime(Function<String, Optional<String>> setting) {
    RuntimeUnderTest.Builder runtime =
        RuntimeUnderTest.at(
            Path.of(setting.apply("SOCKET").orElseThrow()),
            setting.apply("IMAGE").orElse(DEFAULT_IMAGE));
    setting.apply("LACKS").ifPresent(names -> lacks(runtime, names));
    setting.apply("LOGS").ifPresent(folder -> runtime.logs(Path.of(folder)));
    setting.apply("REMOVE").ifPresent(runtime::imageToRemove);
    setting.apply("HANDLER").ifPresent(runtime::runtimeHandler);
    setting.apply("ANNOTATION").ifPresent(text -> annotation(runtime, text));
    setting.apply("API").ifPresent(runtime::apiVersion);
    return runtime.build();
  }

  private static void lacks(RuntimeUnderTest.Builder runtime, String names) {
    for (String name : names.split(",", -1)) {
      runtime.lacks(feature(name.strip()));
    }
  }

  private static Feature feature(String name) {
    try {
      return Feature.valueOf(name.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          PREFIX
              + "LACKS has '"
              + name
              + "', which is not one of "
              + Arrays.toString(Feature.values()),
          e);
    }
  }

  private static void annotation(RuntimeUnderTest.Builder runtime, String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException(
          PREFIX + "ANNOTATION must be KEY=VALUE, not '" + text + "'");
    }
    runtime.annotation(text.substring(0, equals), text.substring(equals + 1));
  }
}
