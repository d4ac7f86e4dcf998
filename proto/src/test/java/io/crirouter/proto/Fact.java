package io.crirouter.proto;

import static java.util.stream.Collectors.toMap;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * One row of the CRI wire facts: an rpc, a field, an enum value or a message without fields.
 *
 * @param kind {@code rpc}, {@code field}, {@code enum} or {@code message}
 * @param owner the service, message or enum
 * @param name empty for a message
 * @param number of the field or enum value, else empty
 * @param type of the field; of an rpc the request
 * @param label {@code repeated}, {@code map}, {@code redact}, {@code empty} or nothing; of an rpc
 *     the response, with {@code stream} before it where it is one
 */
record Fact(String kind, String owner, String name, String number, String type, String label) {

  /** The facts of v1 by {@link #key}, in their order. */
  static Map<String, Fact> v1() {
    return load("/cri/v1.tsv");
  }

  /** The facts of v1alpha2 by {@link #key}, in their order. */
  static Map<String, Fact> v1alpha2() {
    return load("/cri/v1alpha2.tsv");
  }

  /** Facts by {@link #key}, in their order; no two may have the same key. */
  static Map<String, Fact> byKey(Stream<Fact> facts) {
    return facts.collect(
        toMap(
            Fact::key,
            fact -> fact,
            (one, other) -> {
              throw new IllegalStateException("Twice: " + one + " and " + other);
            },
            LinkedHashMap::new));
  }

  String key() {
    return name.isEmpty() ? owner : owner + "." + name;
  }

  /** The row without its key, for messages. */
  String description() {
    return String.join(" ", kind, number, type, label).strip().replaceAll(" +", " ");
  }

  private static Map<String, Fact> load(String resource) {
    try (InputStream in =
        Objects.requireNonNull(Fact.class.getResourceAsStream(resource), resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return byKey(text.lines().filter(line -> !line.startsWith("#")).map(Fact::parse));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Fact parse(String line) {
    String[] columns = line.split("\t", -1);
    if (columns.length < 6) {
      throw new IllegalStateException("Too few columns: " + line);
    }
    return new Fact(columns[0], columns[1], columns[2], columns[3], columns[4], columns[5]);
  }
}
