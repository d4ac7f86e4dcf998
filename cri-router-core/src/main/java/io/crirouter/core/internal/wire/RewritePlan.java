package io.crirouter.core.internal.wire;

import io.crirouter.core.internal.schema.FieldSchema;
import io.crirouter.core.internal.schema.MessageSchema;
import io.crirouter.proto.routing.Reference;
import io.crirouter.proto.routing.V1Only;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The action for each field of one message type, compiled from the schema: translate it, descend
 * into it, drop or refuse it, or skip it, as most fields. Immutable.
 */
public final class RewritePlan {
  private static final RewritePlan NOTHING = new RewritePlan("", new Action[0]);

  private final String messageName;

  /** By field number; null for a field to skip. */
  private final @Nullable Action[] actions;

  private RewritePlan(String messageName, @Nullable Action[] actions) {
    this.messageName = messageName;
    this.actions = actions;
  }

  /** The action for one field. */
  sealed interface Action {
    /** Translate the value. */
    record Translate(Reference kind) implements Action {}

    /** Descend into the message. */
    record Descend(RewritePlan plan) implements Action {}

    /** Drop the field. */
    record Drop() implements Action {}

    /** Refuse the message unless the field has its default, which may be the empty string. */
    record Refuse(String fieldName, boolean emptyIsDefault) implements Action {}
  }

  /**
   * The plan that translates references of the kinds for which {@code wanted} holds.
   *
   * @return null if the type has none, so that its messages pass unread
   */
  public static @Nullable RewritePlan translating(
      MessageSchema type, Function<Reference, Boolean> wanted) {
    return orNull(
        new Compiler(
                field ->
                    field.isReference() && wanted.apply(field.reference())
                        ? new Action.Translate(field.reference())
                        : null)
            .compile(type));
  }

  /**
   * The plan that converts a v1 request for a runtime that speaks v1alpha2.
   *
   * @return null if every request of the type is valid there
   */
  public static @Nullable RewritePlan downgrading(MessageSchema type) {
    return orNull(new Compiler(RewritePlan::downgrade).compile(type));
  }

  private static @Nullable Action downgrade(FieldSchema field) {
    V1Only rule = field.v1Only();
    return switch (rule) {
      case DROP -> new Action.Drop();
      case REFUSE -> new Action.Refuse(field.name(), field.message() == null && !field.repeated());
      default -> null;
    };
  }

  private static @Nullable RewritePlan orNull(RewritePlan plan) {
    return plan == NOTHING ? null : plan;
  }

  /** The action for a field, or null. */
  @Nullable Action action(int field) {
    return field < actions.length ? actions[field] : null;
  }

  /** The message type, for messages. */
  String messageName() {
    return messageName;
  }

  /** Compiles a type and its nested types, each once. */
  private static final class Compiler {
    private final Function<FieldSchema, @Nullable Action> rule;
    private final Map<MessageSchema, RewritePlan> compiled = new HashMap<>();

    Compiler(Function<FieldSchema, @Nullable Action> rule) {
      this.rule = rule;
    }

    RewritePlan compile(MessageSchema type) {
      RewritePlan known = compiled.get(type);
      if (known == null) {
        known = compileFields(type);
        compiled.put(type, known);
      }
      return known;
    }

    private RewritePlan compileFields(MessageSchema type) {
      int size = 1 + type.fields().stream().mapToInt(FieldSchema::number).max().orElse(0);
      @Nullable Action[] actions = new Action[size];
      boolean any = false;
      for (FieldSchema field : type.fields()) {
        Action action = action(field);
        actions[field.number()] = action;
        any |= action != null;
      }
      return any ? new RewritePlan(type.name(), actions) : NOTHING;
    }

    private @Nullable Action action(FieldSchema field) {
      Action own = rule.apply(field);
      MessageSchema message = field.message();
      if (own != null || message == null) {
        return own;
      }
      RewritePlan below = compile(message);
      return below == NOTHING ? null : new Action.Descend(below);
    }
  }
}
