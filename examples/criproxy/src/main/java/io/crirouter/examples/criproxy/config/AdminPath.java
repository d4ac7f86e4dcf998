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

/** Finds the path of the admin socket in a configuration. */
final class AdminPath {
  private static final String SUFFIX = ".sock";
  private static final String ADMIN = "-admin";

  /** The length limit of a socket's path. */
  private static final int MAX_BYTES = 107;

  /** The keys that determine the path. */
  private static final SectionShape SHAPE = ConfigSchema.ROOT.only(Set.of("listen", "admin"));

  private AdminPath() {}

  /** The path; empty if there is no admin socket. Other keys of {@code source} may be invalid. */
  static Optional<Path> of(Table source) throws BadConfigurationException {
    Map<String, Entry> entries = new LinkedHashMap<>(source.entries());
    entries.keySet().retainAll(SHAPE.names());
    Table keys = new Table(entries, source.origin());
    Problems problems = new Problems();
    SHAPE.check(keys, "", problems);
    problems.throwIfAny();
    Table admin = (Table) ConfigReader.node(withDefault((Table) SHAPE.withDefaults(keys)), "admin");
    return ConfigReader.value(admin, "socket", Values.SOCKET_OR_OFF);
  }

  /** Adds {@code admin.socket} to the configuration if it is missing. */
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
    String path = listen.resolveSibling(start + ADMIN + SUFFIX).toString();
    return path.getBytes(UTF_8).length > MAX_BYTES ? "off" : path;
  }
}
