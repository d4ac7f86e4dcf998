package io.crirouter.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The constants are the rpcs of the schema, each with its own message types. */
class RpcTest {
  static Stream<Field> constants() {
    return Stream.of(Rpc.class.getFields())
        .filter(field -> Modifier.isStatic(field.getModifiers()));
  }

  private static Rpc<?, ?> value(Field constant) {
    try {
      return (Rpc<?, ?>) constant.get(null);
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void eachRpcHasAConstantInTheOrderOfTheSchema() {
    List<CriMethod> methods = constants().map(field -> value(field).method()).toList();

    assertThat(methods).containsExactlyElementsOf(CriMethod.all());
  }

  @ParameterizedTest
  @MethodSource("constants")
  void aConstantHasTheNameAndTheTypesOfItsRpc(Field constant) throws Exception {
    Rpc<?, ?> rpc = value(constant);
    MethodSchema schema = Schema.cri().require(rpc.method().name());
    Type[] types = ((ParameterizedType) constant.getGenericType()).getActualTypeArguments();

    assertThat(constant.getName().replace("_", "").toLowerCase(Locale.ROOT))
        .isEqualTo(rpc.toString().toLowerCase(Locale.ROOT));
    assertThat(((Class<?>) types[0]).getSimpleName()).isEqualTo(schema.request().name());
    assertThat(((Class<?>) types[1]).getSimpleName()).isEqualTo(schema.response().name());
    assertThat(rpc.requests().parseFrom(new byte[0])).isInstanceOf((Class<?>) types[0]);
  }
}
