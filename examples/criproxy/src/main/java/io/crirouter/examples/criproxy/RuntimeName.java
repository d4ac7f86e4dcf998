package io.crirouter.examples.criproxy;

import io.crirouter.core.BackendName;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Converts the name of a runtime on the command line. */
final class RuntimeName implements ITypeConverter<BackendName> {
  @Override
  public BackendName convert(String value) {
    try {
      return BackendName.of(value);
    } catch (IllegalArgumentException e) {
      throw new TypeConversionException(e.getMessage());
    }
  }
}
