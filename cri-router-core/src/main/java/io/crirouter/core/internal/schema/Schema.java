package io.crirouter.core.internal.schema;

import io.crirouter.core.CriMethod;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The table from which the router is derived: the rpcs, how each is routed, and which fields refer
 * to objects of a runtime. It has plain values only, no descriptors.
 */
public final class Schema {
  private final Map<String, MethodSchema> methods;

  Schema(List<MethodSchema> methods) {
    Map<String, MethodSchema> byName = new LinkedHashMap<>();
    methods.forEach(method -> byName.put(method.name(), method));
    this.methods = Collections.unmodifiableMap(byName);
  }

  /** The schema of CRI v1. */
  public static Schema cri() {
    return Cri.SCHEMA;
  }

  /** An rpc of CRI v1 that is known to exist. */
  public static MethodSchema of(CriMethod rpc) {
    return cri().require(rpc.name());
  }

  /** Every rpc, in the order of the description. */
  public Collection<MethodSchema> methods() {
    return methods.values();
  }

  /**
   * The rpc called {@code name}.
   *
   * @throws IllegalArgumentException if there is none
   */
  public MethodSchema require(String name) {
    MethodSchema method = methods.get(name);
    if (method == null) {
      throw new IllegalArgumentException("no rpc '" + name + "' in the schema");
    }
    return method;
  }

  private static final class Cri {
    static final Schema SCHEMA = SchemaTable.read();
  }
}
