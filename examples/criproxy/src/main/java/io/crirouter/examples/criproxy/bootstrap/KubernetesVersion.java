package io.crirouter.examples.criproxy.bootstrap;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The version of a kubelet.
 *
 * @param minor the second number of 1.N
 */
record KubernetesVersion(int minor) {
  private static final Pattern TEXT = Pattern.compile("v1\\.(\\d+)");

  /**
   * Parses the output of {@code kubelet --version}.
   *
   * @throws RefusedException if there is no version in it
   */
  static KubernetesVersion parse(String text) throws RefusedException {
    Matcher found = TEXT.matcher(text);
    if (!found.find()) {
      throw new RefusedException("\"kubelet --version\" prints no version: " + text.strip());
    }
    return new KubernetesVersion(Integer.parseInt(found.group(1)));
  }

  /** Whether its configuration files may contain the endpoint. */
  boolean readsEndpointFromFile() {
    return minor >= 27;
  }

  /** Whether its default endpoint is that of containerd; before, it was dockershim. */
  boolean defaultsToContainerd() {
    return minor >= 24;
  }

  @Override
  public String toString() {
    return "1." + minor;
  }
}
