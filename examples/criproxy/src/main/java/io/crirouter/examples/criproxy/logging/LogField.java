package io.crirouter.examples.criproxy.logging;

/**
 * A parameter of a log line that has a name for programs: in JSON it is a key of its own, also if
 * the text does not show it.
 *
 * @param name the key
 * @param value a number, or what is shown as text
 */
public record LogField(String name, Object value) {
  @Override
  public String toString() {
    return String.valueOf(value);
  }
}
