package io.crirouter.examples.criproxy.logging;

/**
 * A named parameter of a log entry. In JSON it is a separate key, also if the text does not contain
 * it.
 *
 * @param name the key
 * @param value a number, or an object that is logged as text
 */
public record LogField(String name, Object value) {
  @Override
  public String toString() {
    return String.valueOf(value);
  }
}
