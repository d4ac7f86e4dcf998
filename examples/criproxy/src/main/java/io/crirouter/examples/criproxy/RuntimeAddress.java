package io.crirouter.examples.criproxy;

import io.crirouter.core.BackendName;
import io.crirouter.core.BackendOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.StringJoiner;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/**
 * One runtime of the {@code --connect} option.
 *
 * @param name its name; optional for the primary
 * @param idPrefix its id prefix; by default derived from the name
 * @param socket the path of its socket
 */
record RuntimeAddress(Optional<BackendName> name, Optional<String> idPrefix, Path socket) {
  private static final String FORM = "write /SOCKET, NAME:/SOCKET or NAME=PREFIX:/SOCKET";

  /** May precede a path. It is not the name of a runtime. */
  private static final String SCHEME = "unix:";

  private static final BackendName UNNAMED_PRIMARY = BackendName.of("primary");

  /** The name under which the router knows the runtime. */
  BackendName nameOrPrimary() {
    return name.orElse(UNNAMED_PRIMARY);
  }

  BackendOptions options() {
    return idPrefix.map(BackendOptions.DEFAULT::withIdPrefix).orElse(BackendOptions.DEFAULT);
  }

  /** The form of the option. */
  @Override
  public String toString() {
    String named =
        name.map(BackendName::toString).orElse("") + idPrefix.map("="::concat).orElse("");
    return named.isEmpty() ? socket.toString() : named + ":" + socket;
  }

  static RuntimeAddress parse(String entry) {
    int slash = entry.indexOf('/');
    String socket = slash < 0 ? "" : entry.substring(slash);
    String before = slash < 0 ? "" : entry.substring(0, slash);
    if (before.equals(SCHEME) || before.endsWith(":" + SCHEME)) {
      before = before.substring(0, before.length() - SCHEME.length());
      // A host would stand between the second slash and the third; a socket has none.
      socket = socket.startsWith("///") ? socket.substring(2) : socket;
      slash = socket.startsWith("//") ? -1 : slash;
    }
    if (slash < 0 || !(before.isEmpty() || before.endsWith(":"))) {
      throw new IllegalArgumentException(
          "runtime '" + entry + "' has no absolute socket path: " + FORM);
    }
    if (before.equals(":")) {
      throw new IllegalArgumentException("runtime '" + entry + "' has an empty name: " + FORM);
    }
    String named = before.isEmpty() ? "" : before.substring(0, before.length() - 1);
    int equals = named.indexOf('=');
    String name = equals < 0 ? named : named.substring(0, equals);
    Optional<String> prefix =
        equals < 0 ? Optional.empty() : Optional.of(named.substring(equals + 1));
    RuntimeAddress address =
        new RuntimeAddress(
            name.isEmpty() && equals < 0 ? Optional.empty() : Optional.of(BackendName.of(name)),
            prefix,
            Path.of(socket));
    // Check the prefix here, where the message can name the entry.
    BackendOptions unused = address.options();
    return address;
  }

  /** A comma-separated list, the primary first. */
  record Group(List<RuntimeAddress> members) {
    Group {
      members = List.copyOf(members);
    }

    /** The form of the option. */
    @Override
    public String toString() {
      StringJoiner list = new StringJoiner(",");
      members.forEach(member -> list.add(member.toString()));
      return list.toString();
    }

    static Group parse(String list) {
      List<RuntimeAddress> members = new ArrayList<>();
      for (String entry : list.split(",", -1)) {
        if (entry.isBlank()) {
          throw new IllegalArgumentException("an entry of the list is empty: " + FORM);
        }
        RuntimeAddress member = RuntimeAddress.parse(entry.strip());
        if (!members.isEmpty() && member.name().isEmpty()) {
          throw new IllegalArgumentException(
              "runtime '"
                  + entry.strip()
                  + "' needs a name: only the first, the primary, can do"
                  + " without; "
                  + FORM);
        }
        members.add(member);
      }
      return new Group(members);
    }
  }

  /** Lets the command line name the option when an entry is wrong. */
  static final class Converter implements ITypeConverter<Group> {
    @Override
    public Group convert(String value) {
      try {
        return Group.parse(value);
      } catch (IllegalArgumentException e) {
        throw new TypeConversionException(e.getMessage());
      }
    }
  }
}
