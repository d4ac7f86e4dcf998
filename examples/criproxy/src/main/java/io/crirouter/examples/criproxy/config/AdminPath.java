package io.crirouter.examples.criproxy.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.crirouter.examples.criproxy.config.ConfigNode.Entry;
import io.crirouter.examples.criproxy.config.ConfigNode.Table;
import io.crirouter.examples.criproxy.config.ConfigNode.Text;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Where the admin socket is. */
final class AdminPath {
  private static final String SUFFIX = ".sock";
  private static final String MARK = "-admin";

  /** What a socket's path can have, in bytes. */
  private static final int MAX_BYTES = 107;

  /** The keys that tell. */
  private static final SectionShape SHAPE = ConfigSchema.ROOT.only(Set.of("listen", "admin"));

  private AdminPath() {}

  /** Where it is; empty for nowhere. Other keys of {@code written} may be wrong. */
  static Optional<Path> of(Table written) throws BadConfigurationException {
    Map<String, Entry> telling = new LinkedHashMap<>(written.entries());
    telling.keySet().retainAll(SHAPE.names());
    Table keys = new Table(telling, written.origin());
    Problems problems = new Problems();
    SHAPE.check(keys, "", problems);
    problems.throwIfAny();
    Table admin = (Table) ConfigReader.node(withDefault((Table) SHAPE.withDefaults(keys)), "admin");
    return ConfigReader.value(admin, "socket", Values.SOCKET_OR_OFF);
  }

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
