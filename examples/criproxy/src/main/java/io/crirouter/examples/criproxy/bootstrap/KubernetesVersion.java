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
   * Reads what {@code kubelet --version} prints.
   *
   * @throws RefusedException if there is no version in it
   */
  static KubernetesVersion parse(String text) throws RefusedException {
    Matcher found = TEXT.matcher(text);
    if (!found.find()) {
      throw new RefusedException("the kubelet does not tell its version, but: " + text.strip());
    }
    return new KubernetesVersion(Integer.parseInt(found.group(1)));
  }

  /** Whether configuration files may have the endpoint; before, that is an unknown key. */
  boolean readsEndpointFromFile() {
    return minor >= 27;
  }

  /** Whether a kubelet that is told no endpoint takes containerd's; before, it was dockershim. */
  boolean defaultsToContainerd() {
    return minor >= 24;
  }

  @Override
  public String toString() {
    return "1." + minor;
  }
}
