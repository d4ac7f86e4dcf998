package io.crirouter.examples.criproxy.bootstrap;

/**
 * A place where a kubelet's endpoint is configured.
 *
 * @param path the file
 * @param form the form of the setting
 * @param kind which endpoint
 * @param value the value; may be empty
 */
record EndpointPlace(String path, Form form, EndpointKind kind, String value) {
  /** The form of the setting. */
  enum Form {
    /** A flag of the command line, in an environment file or a unit. */
    FLAG,
    /** A key of a configuration file of the kubelet. */
    CONFIG,
    /** A key of a configuration file of K3s or RKE2. */
    K3S_CONFIG
  }

  /** The key or flag. */
  String name() {
    return name(form, kind);
  }

  private static String name(Form form, EndpointKind kind) {
    return switch (form) {
      case FLAG -> kind.flag();
      case CONFIG -> kind.key();
      case K3S_CONFIG -> kind.k3sKey();
    };
  }

  /** Sets another value in {@code text}, the text of the file. */
  String edit(String text, String other) throws RefusedException {
    return form == Form.FLAG
        ? FlagText.replace(text, name(), other)
        : YamlText.parse(path, text).with(name(), other);
  }

  @Override
  public String toString() {
    return name() + " in " + path;
  }
}
