package io.crirouter.core.internal.schema;

import io.crirouter.proto.routing.Budget;
import io.crirouter.proto.routing.Merge;
import io.crirouter.proto.routing.Route;
import io.crirouter.proto.routing.Substitute;
import java.util.ArrayList;
import java.util.List;

/**
 * The schema as a readable table. {@code docs/routes.txt} is a copy of it, which shows each change
 * in review.
 */
public final class RouteExplanation {
  private RouteExplanation() {}

  /** One paragraph for each rpc. */
  public static String table() {
    StringBuilder table = new StringBuilder();
    for (MethodSchema method : Schema.cri().methods()) {
      table.append(method.service()).append('.').append(method.name());
      table.append(method.serverStreaming() ? " (stream)\n" : "\n");
      row(table, "route", route(method.route()));
      row(table, "request", references(method.request()));
      row(table, "response", references(method.response()));
      row(table, "merge", merge(method));
      row(table, "failure", failure(method));
    }
    return table.toString();
  }

  private static void row(StringBuilder table, String name, String value) {
    if (!value.isEmpty()) {
      table.append(String.format("  %-9s %s\n", name, value));
    }
  }

  private static String route(Route route) {
    return switch (route) {
      case PRIMARY -> "the primary";
      case PLACEMENT -> "the backend that the policy gives the pod";
      case POD_SANDBOX -> "the owner of the pod sandbox id";
      case CONTAINER -> "the owner of the container id";
      case IMAGE -> "the owner of the image, by pod, policy or name";
      case ALL -> "all backends, or those that can match a filter by id or image";
      default -> throw new IllegalStateException("no route");
    };
  }

  private static String references(MessageSchema message) {
    List<String> references = new ArrayList<>();
    message.forEachReference(
        (path, field) -> references.add(path + ":" + field.reference().name()));
    return String.join(" ", references);
  }

  private static String merge(MethodSchema method) {
    return switch (method.merge()) {
      case CONCATENATE -> "concatenated" + substitute(method);
      case STATUS -> "the primary's, with a condition for each other backend and its handlers";
      case BROADCAST -> "sent to all, answered by the primary";
      case IMAGES -> "one entry per image id";
      case IMAGE_STATUS -> "for a pod one backend; else by hint, else the first that has it";
      case REMOVE_IMAGE -> "removed from every backend that has it";
      case IMAGE_FS_INFO ->
          "image filesystems by mount point; container filesystems: the primary's";
      case METRIC_DESCRIPTORS -> "united by name";
      case METRICS -> "concatenated without duplicates, labels in one order";
      case EVENTS -> "one stream of all backends";
      default -> "";
    };
  }

  private static String substitute(MethodSchema method) {
    return method.substitute() == Substitute.CONTAINER_STATS
        ? "; made from container stats where a backend lacks it"
        : "";
  }

  private static String failure(MethodSchema method) {
    if (method.merge() == Merge.MERGE_UNSPECIFIED) {
      return "the backend's status; UNAVAILABLE naming it if it is down" + substitute(method);
    }
    if (method.merge() == Merge.EVENTS) {
      return "goes on without a backend until it is ready again; UNIMPLEMENTED only from the primary";
    }
    if (method.merge() == Merge.STATUS) {
      return "the primary's is the answer; another's shows as a condition";
    }
    return "the primary's is the answer; " + failureOfOthers(method);
  }

  private static String failureOfOthers(MethodSchema method) {
    if (method.merge() == Merge.IMAGES || method.budget() == Budget.PODS) {
      return "another's last known state is used";
    }
    return switch (method.merge()) {
      case REMOVE_IMAGE -> "another's fails the call if it may have the image";
      case IMAGE_STATUS -> "another's is the answer only if no backend has the image";
      case BROADCAST -> "another gets it when it is ready again";
      default -> "another is left out";
    };
  }
}
