import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a proto file of CRI from a table of its rpcs and fields. As in the upstream file there are no
 * Java options, so that protoc generates {@code runtime.v1.Api}.
 *
 * <p>Usage: {@code java WriteProto.java TABLE VERSION OUTPUT}. The columns of the table are kind,
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

  private void add(String[] row) {
    String owner = row[1];
    String name = row[2];
    switch (row[0]) {
      case "rpc" ->
          block(services, owner)
              .append("  rpc %s(%s) returns (%s) {}\n".formatted(name, row[4], row[5]));
      case "message" -> block(messages, owner);
      case "enum" -> block(enums, owner).append("  %s = %s;\n".formatted(name, row[3]));
      case "field" ->
          block(messages, owner)
              .append(
                  "  %s%s %s = %s%s;\n"
                      .formatted(
                          row[5].equals("repeated") ? "repeated " : "",
                          row[4],
                          name,
                          row[3],
                          row[5].equals("redact") ? " [debug_redact = true]" : ""));
      default -> throw new IllegalArgumentException("unknown kind of row: " + row[0]);
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
