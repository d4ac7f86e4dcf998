package io.crirouter.core.internal.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.UnknownFieldSet;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.core.internal.versions.V1Alpha2;
import io.crirouter.proto.routing.RoutingProto;
import io.crirouter.proto.routing.V1Only;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.ShrinkingMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** V1Alpha2 does what the options beside the fields in the descriptors say, at any depth. */
class DowngradeTest {

  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void fieldsToDropVanishAndAllElseStays(@ForAll long seed) throws Exception {
    for (RpcMessage request : RpcMessage.requests()) {
      Random random = new Random(seed);
      ByteString bytes =
          new RandomWire(random, field -> rule(field) != V1Only.REFUSE)
              .message(request.descriptor());

      ByteString downgraded = downgrade(request, RawWire.heldAnyhow(bytes, random));

      assertThat(request.require(downgraded))
          .as("%s, seed %d: %s", request, seed, Hex.of(bytes))
          .isEqualTo(withoutDropped(request.require(bytes)));
    }
  }

  /**
   * Several occurrences the last of which is the default, and ones of an unexpected wire type, are
   * refused as well: nobody sends them, and refusing is the safe side.
   */
  @Property(tries = 40, shrinking = ShrinkingMode.OFF)
  void whatV1Alpha2CannotSayIsAlwaysRefused(@ForAll long seed) throws Exception {
    for (RpcMessage request : RpcMessage.requests()) {
      ByteString bytes = new RandomWire(new Random(seed)).message(request.descriptor());
      DynamicMessage message = request.require(bytes);

      Attempt<ByteString> downgraded = Attempt.to(() -> downgrade(request, bytes));

      String what = request + ", seed " + seed + ": " + Hex.of(bytes);
      if (saysWhatMustBeRefused(message)) {
        assertThat(downgraded.refusal()).as(what).startsWith("FAILED_PRECONDITION");
      } else if (downgraded.value().isPresent()) {
        assertThat(request.require(downgraded.value().get()))
            .as(what)
            .isEqualTo(withoutDropped(message));
      }
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedFields")
  void aFieldThatV1Alpha2LacksIsRefusedByName(RefusedField refused) {
    FieldDescriptor field = refused.field();

    assertThatExceptionOfType(RpcException.class)
        .isThrownBy(() -> downgrade(refused.request(), refused.withValue(aValue(field))))
        .extracting(RpcException::status, type(RpcStatus.class))
        .satisfies(
            status -> {
              assertThat(status.code()).isEqualTo(Code.FAILED_PRECONDITION);
              assertThat(status.message())
                  .contains(field.getContainingType().getName() + "." + field.getName());
            });
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedScalars")
  void theDefaultOfSuchAFieldPasses(RefusedField refused) throws Exception {
    int number = refused.field().getNumber();
    boolean isText = refused.field().getJavaType() == JavaType.STRING;
    ByteString request =
        refused.withValue(isText ? RawWire.string(number, "") : RawWire.number(number, 0));

    assertThat(downgrade(refused.request(), request)).isSameAs(request);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("refusedElementsAndMessages")
  void anEmptyElementOrMessageIsNoDefault(RefusedField refused) {
    ByteString empty = RawWire.bytes(refused.field().getNumber(), ByteString.EMPTY);

    assertThatExceptionOfType(RpcException.class)
        .isThrownBy(() -> downgrade(refused.request(), refused.withValue(empty)));
  }

  @Test
  void theDescriptorsMarkWhatTheseTestsAreAbout() {
    assertThat(refusedFields().map(RefusedField::toString))
        .contains(
            "CreateContainer: config.CDI_devices",
            "CreateContainer: config.mounts.image",
            "CreateContainer: config.linux.security_context.supplemental_groups_policy",
            "RunPodSandbox: config.linux.security_context.supplemental_groups_policy");
  }

  @Test
  void aRequestOfAnotherTypePassesUnread() throws Exception {
    ByteString noMessage = RawWire.utf8("no message");

    assertThat(V1Alpha2.downgrade(CriMethod.of("StopContainer"), noMessage)).isSameAs(noMessage);
  }

  @Test
  void aMalformedRequestIsAnInvalidArgument() {
    assertThatExceptionOfType(RpcException.class)
        .isThrownBy(() -> V1Alpha2.downgrade(CriMethod.of("CreateContainer"), RawWire.varint(2, 3)))
        .extracting(e -> e.status().code())
        .isEqualTo(Code.INVALID_ARGUMENT);
  }

  /**
   * A way to a field that is refused.
   *
   * @param request where it starts
   * @param path the fields on it, outermost first
   */
  record RefusedField(RpcMessage request, List<FieldDescriptor> path) {
    FieldDescriptor field() {
      return path.get(path.size() - 1);
    }

    boolean isScalar() {
      return !field().isRepeated() && field().getJavaType() != JavaType.MESSAGE;
    }

    /** A request that has only this field, given with its tag. */
    ByteString withValue(ByteString occurrence) {
      ByteString message = occurrence;
      for (int i = path.size() - 2; i >= 0; i--) {
        message = RawWire.bytes(path.get(i).getNumber(), message);
      }
      return message;
    }

    @Override
    public String toString() {
      return request.method().name()
          + ": "
          + String.join(".", path.stream().map(FieldDescriptor::getName).toList());
    }
  }

  static Stream<RefusedField> refusedFields() {
    List<RefusedField> found = new ArrayList<>();
    for (RpcMessage request : RpcMessage.requests()) {
      collect(request, request.descriptor(), List.of(), found);
    }
    return found.stream();
  }

  static Stream<RefusedField> refusedScalars() {
    return refusedFields().filter(RefusedField::isScalar);
  }

  static Stream<RefusedField> refusedElementsAndMessages() {
    return refusedFields().filter(refused -> !refused.isScalar());
  }

  private static void collect(
      RpcMessage request, Descriptor type, List<FieldDescriptor> above, List<RefusedField> found) {
    for (FieldDescriptor field : type.getFields()) {
      List<FieldDescriptor> path = new ArrayList<>(above);
      path.add(field);
      if (rule(field) == V1Only.REFUSE) {
        found.add(new RefusedField(request, path));
      } else if (field.getJavaType() == JavaType.MESSAGE) {
        collect(request, field.getMessageType(), path, found);
      }
    }
  }

  private static ByteString aValue(FieldDescriptor field) {
    return switch (field.getJavaType()) {
      case STRING -> RawWire.string(field.getNumber(), "v");
      case MESSAGE -> RawWire.bytes(field.getNumber(), RawWire.number(1, 1));
      default -> RawWire.number(field.getNumber(), 1);
    };
  }

  private static ByteString downgrade(RpcMessage request, ByteString bytes) throws RpcException {
    return V1Alpha2.downgrade(CriMethod.of(request.method().name()), bytes);
  }

  private static V1Only rule(FieldDescriptor field) {
    return field.getOptions().getExtension(RoutingProto.v1Only);
  }

  private static boolean saysWhatMustBeRefused(DynamicMessage message) {
    return message.getAllFields().entrySet().stream()
        .anyMatch(
            entry ->
                rule(entry.getKey()) == V1Only.REFUSE
                    || (rule(entry.getKey()) != V1Only.DROP
                        && messages(entry.getValue())
                            .anyMatch(DowngradeTest::saysWhatMustBeRefused)));
  }

  private static Stream<DynamicMessage> messages(Object value) {
    List<?> values = value instanceof List<?> list ? list : List.of(value);
    return values.stream().filter(DynamicMessage.class::isInstance).map(DynamicMessage.class::cast);
  }

  private static DynamicMessage withoutDropped(DynamicMessage message) {
    DynamicMessage.Builder builder = message.toBuilder();
    UnknownFieldSet.Builder unknown = message.getUnknownFields().toBuilder();
    for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
      if (rule(field) == V1Only.DROP) {
        builder.clearField(field);
        unknown.clearField(field.getNumber());
      } else if (field.getJavaType() == JavaType.MESSAGE && field.isRepeated()) {
        builder.setField(
            field, messages(message.getField(field)).map(DowngradeTest::withoutDropped).toList());
      } else if (field.getJavaType() == JavaType.MESSAGE && message.hasField(field)) {
        builder.setField(field, withoutDropped((DynamicMessage) message.getField(field)));
      }
    }
    return builder.setUnknownFields(unknown.build()).build();
  }
}
