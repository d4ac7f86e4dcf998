package io.crirouter.examples.criproxy.cel;

import dev.cel.common.types.CelType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import io.crirouter.core.PodView;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The variables of expressions: {@code pod.namespace} and so on. */
final class PodVariables {
  private static final CelType TEXTS = MapType.create(SimpleType.STRING, SimpleType.STRING);
  private static final Map<String, Variable> ALL = new LinkedHashMap<>();

  static {
    add("namespace", SimpleType.STRING, PodView::namespace);
    add("name", SimpleType.STRING, PodView::name);
    add("uid", SimpleType.STRING, PodView::uid);
    add("labels", TEXTS, PodView::labels);
    add("annotations", TEXTS, PodView::annotations);
    add("runtimeHandler", SimpleType.STRING, PodView::runtimeHandler);
    add("hostNetwork", SimpleType.BOOL, PodView::hostNetwork);
    add("hostPid", SimpleType.BOOL, PodView::hostPid);
    add("hostIpc", SimpleType.BOOL, PodView::hostIpc);
    add("privileged", SimpleType.BOOL, PodView::privileged);
  }

  private PodVariables() {}

  /**
   * A variable.
   *
   * @param type its CEL type
   * @param value its value for a pod
   */
  record Variable(CelType type, Function<PodView, Object> value) {}

  private static void add(String name, CelType type, Function<PodView, Object> value) {
    ALL.put("pod." + name, new Variable(type, value));
  }

  /** The types by name. */
  static Map<String, CelType> types() {
    Map<String, CelType> types = new LinkedHashMap<>();
    ALL.forEach((name, variable) -> types.put(name, variable.type));
    return types;
  }

  static List<String> names() {
    return new ArrayList<>(ALL.keySet());
  }

  /** The value of a variable; empty if there is no such variable. */
  static Optional<Object> of(PodView pod, String name) {
    return Optional.ofNullable(ALL.get(name)).map(variable -> variable.value.apply(pod));
  }
}
