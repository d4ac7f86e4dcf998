import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a description of CRI from its wire facts, in the shape of the upstream one: the same proto
 * package, no Java options, so that protoc puts the classes into {@code runtime.v1.Api}.
 *
 * <p>Usage: {@code java WriteProto.java FACTS VERSION OUTPUT}. The columns of the facts are kind,
 * owner, name, number, type, label.
 */
public final class WriteProto {
  private final Map<String, StringBuilder> services = new LinkedHashMap<>();
  private final Map<String, StringBuilder> messages = new LinkedHashMap<>();
  private final Map<String, StringBuilder> enums = new LinkedHashMap<>();

  public static void main(String[] args) throws IOException {
    WriteProto proto = new WriteProto();
    for (String line : Files.readAllLines(Path.of(args[0]))) {
      if (!line.startsWith("#") && !line.isBlank()) {
        proto.add(line.split("\t", -1));
      }
    }
    Path output = Path.of(args[2]);
    Files.createDirectories(output.getParent());
    Files.writeString(output, proto.text(args[1]));
  }

  private void add(String[] fact) {
    String owner = fact[1];
    String name = fact[2];
    switch (fact[0]) {
      case "rpc" ->
          block(services, owner)
              .append("  rpc %s(%s) returns (%s) {}\n".formatted(name, fact[4], fact[5]));
      case "message" -> block(messages, owner);
      case "enum" -> block(enums, owner).append("  %s = %s;\n".formatted(name, fact[3]));
      case "field" ->
          block(messages, owner)
              .append(
                  "  %s%s %s = %s%s;\n"
                      .formatted(
                          fact[5].equals("repeated") ? "repeated " : "",
                          fact[4],
                          name,
                          fact[3],
                          fact[5].equals("redact") ? " [debug_redact = true]" : ""));
      default -> throw new IllegalArgumentException("unknown kind of fact: " + fact[0]);
    }
  }

  private static StringBuilder block(Map<String, StringBuilder> blocks, String name) {
    return blocks.computeIfAbsent(name, key -> new StringBuilder());
  }

  private String text(String version) {
    StringBuilder text = new StringBuilder("syntax = \"proto3\";\n\npackage runtime.");
    text.append(version).append(";\n");
    write(text, "service", services);
    write(text, "message", messages);
    write(text, "enum", enums);
    return text.toString();
  }

  private static void write(StringBuilder text, String kind, Map<String, StringBuilder> blocks) {
    blocks.forEach(
        (name, body) -> text.append("\n%s %s {\n%s}\n".formatted(kind, name, body)));
  }
}
