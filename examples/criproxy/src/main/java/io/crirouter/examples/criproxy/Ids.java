package io.crirouter.examples.criproxy;

import io.crirouter.core.IdStrategy;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** The {@code --ids} option: whose ids the kubelet sees. */
final class Ids implements ITypeConverter<IdStrategy> {
  @Override
  public IdStrategy convert(String value) {
    return switch (value) {
      case "prefixed" -> IdStrategy.prefixed();
      case "native" -> IdStrategy.nativeIds();
      default ->
          throw new TypeConversionException("'" + value + "' is neither 'prefixed' nor 'native'");
    };
  }
}
