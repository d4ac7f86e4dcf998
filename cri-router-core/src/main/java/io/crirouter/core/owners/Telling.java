package io.crirouter.core.owners;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.crirouter.core.CriMethod;
import io.crirouter.core.RpcException;
import io.crirouter.core.schema.FieldPath;
import io.crirouter.core.schema.MethodSchema;
import io.crirouter.core.schema.Schema;
import io.crirouter.core.wire.MalformedMessageException;
import io.crirouter.core.wire.RewritePlan;
import io.crirouter.core.wire.Rewriter;
import io.crirouter.core.wire.RoutingField;
import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.routing.Reference;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What calls of one rpc tell of the ids at the runtime that answers, derived from the schema.
 * Immutable.
 */
sealed interface Telling {
  /** The kinds of ids. */
  Set<Reference> KINDS = Set.of(Reference.POD_SANDBOX_ID, Reference.CONTAINER_ID);

  /** The answer is a list of what there is. */
  record Lists(Reference kind, RewritePlan plan) implements Telling {
    /** The ids in a message of the answer. */
    Set<String> ids(ByteString message) throws MalformedMessageException {
      Set<String> ids = new LinkedHashSet<>();
      read(plan, message, Map.of(kind, ids));
      return ids;
    }
  }

  /** The answer names something that there is. */
  record Names(RewritePlan plan) implements Telling {
    /**
     * The ids in a message of the answer, by kind. Events name sandboxes by the field of containers
     * too; what is named as both is a sandbox.
     */
    Map<Reference, Set<String>> ids(ByteString message) throws MalformedMessageException {
      Set<String> sandboxes = new HashSet<>();
      Set<String> containers = new HashSet<>();
      Map<Reference, Set<String>> ids =
          Map.of(Reference.POD_SANDBOX_ID, sandboxes, Reference.CONTAINER_ID, containers);
      read(plan, message, ids);
      containers.removeAll(sandboxes);
      return ids;
    }
  }

  /** Success means that what the request names is gone. */
  record Removes(Reference kind, RoutingField field) implements Telling {}

  /** What calls of {@code method} tell; null if nothing that other calls don't tell as well. */
  static @Nullable Telling of(CriMethod method) {
    return Table.BY_METHOD.get(method);
  }

  private static void read(RewritePlan plan, ByteString message, Map<Reference, Set<String>> into)
      throws MalformedMessageException {
    try {
      Rewriter.rewrite(
          message,
          plan,
          (kind, buffer, start, end, unchanged) -> {
            Set<String> ids = into.get(kind);
            if (ids != null && end > start) {
              ids.add(new String(buffer, start, end - start, UTF_8));
            }
          });
    } catch (RpcException e) {
      throw new IllegalStateException("reading refuses nothing", e);
    }
  }

  /** The tellings. */
  final class Table {
    private static final Map<String, Reference> LISTS =
        Map.of(
            "ListPodSandbox", Reference.POD_SANDBOX_ID, "ListContainers", Reference.CONTAINER_ID);

    private static final Set<String> REMOVALS = Set.of("RemovePodSandbox", "RemoveContainer");

    private static final Map<CriMethod, Telling> BY_METHOD = new HashMap<>();

    static {
      for (MethodSchema method : Schema.cri().methods()) {
        Telling telling = telling(method);
        if (telling != null) {
          BY_METHOD.put(method.method(), telling);
        }
      }
    }

    private Table() {}

    private static @Nullable Telling telling(MethodSchema method) {
      if (REMOVALS.contains(method.name())) {
        FieldPath path = method.requestPaths(KINDS).get(0);
        return new Removes(path.last().reference(), new RoutingField(path));
      }
      Reference kind = LISTS.get(method.listRpc().isEmpty() ? method.name() : method.listRpc());
      if (kind != null) {
        RewritePlan plan = RewritePlan.translating(method.response(), kind::equals);
        return plan == null ? null : new Lists(kind, plan);
      }
      // Stats and metrics only repeat, at length and often, what lists say.
      RewritePlan plan =
          method.budget() == Budget.BULK
              ? null
              : RewritePlan.translating(method.response(), KINDS::contains);
      return plan == null ? null : new Names(plan);
    }
  }
}
