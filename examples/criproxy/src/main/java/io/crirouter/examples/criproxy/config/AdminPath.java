package io.crirouter.examples.criproxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.examples.criproxy.config.ConfigNode.Entry;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import io.crirouter.examples.criproxy.config.ConfigNode.Text;
import java.nio.file.Path;
import java.util.Map;

/** Where the admin socket is if nobody says. */
final class AdminPath {
  private static final String SUFFIX = ".sock";
  private static final String MARK = "-admin";

  /** What a socket's path can have, in bytes. */
  private static final int MAX_BYTES = 107;

  private AdminPath() {}

  /** The same configuration, with {@code admin.socket} in any case. */
  static Table withDefault(Table root) {
    Table admin = (Table) ConfigReader.node(root, "admin");
    if (admin.entries().containsKey("socket")) {
      return root;
    }
    Path listen = ConfigReader.value(root, "listen", Values.SOCKET);
    Entry socket = Entry.of(new Text(beside(listen), Origin.DEFAULT));
    Table with = new Table(Map.of("socket", socket), admin.origin());
    return root.overriddenBy(new Table(Map.of("admin", Entry.of(with)), root.origin()));
  }

  /** {@code criproxy-admin.sock} beside {@code criproxy.sock}; off if that would be too long. */
  private static String beside(Path listen) {
    String name = String.valueOf(listen.getFileName());
    String start =
        name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name;
    String path = listen.resolveSibling(start + MARK + SUFFIX).toString();
    return path.getBytes(UTF_8).length > MAX_BYTES ? "off" : path;
  }
}
