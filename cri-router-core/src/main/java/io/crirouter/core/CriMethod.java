package io.crirouter.core;

import io.crirouter.core.internal.schema.MethodSchema;
import io.crirouter.core.internal.schema.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An rpc of CRI v1. The names of the 43 rpcs are unique across its two services. There is one
 * object for each. Immutable.
 */
public final class CriMethod {
  private final String service;
  private final String name;
  private final boolean serverStreaming;

  private CriMethod(MethodSchema schema) {
    service = schema.service();
    name = schema.name();
    serverStreaming = schema.serverStreaming();
  }

  /**
   * The rpc called {@code name}.
   *
   * @throws IllegalArgumentException if CRI v1 has no such rpc
   */
  public static CriMethod of(String name) {
    CriMethod method = Known.BY_NAME.get(name);
    if (method == null) {
      throw new IllegalArgumentException("CRI v1 has no rpc '" + name + "'");
    }
    return method;
  }

  /** Every rpc of CRI v1, in the order of its description. */
  public static List<CriMethod> all() {
    return List.copyOf(Known.BY_NAME.values());
  }

  /** {@code RuntimeService} or {@code ImageService}. */
  public String service() {
    return service;
  }

  /** The rpc, {@code RunPodSandbox} for example. */
  public String name() {
    return name;
  }

  /** Whether the response is a stream. */
  public boolean serverStreaming() {
    return serverStreaming;
  }

  /**
   * The path of the rpc on the wire, without the leading slash.
   *
   * @param apiVersion {@code v1} or {@code v1alpha2}
   */
  public String path(String apiVersion) {
    return "runtime." + apiVersion + "." + service + "/" + name;
  }

  @Override
  public String toString() {
    return name;
  }

  /** The rpcs of the schema. */
  private static final class Known {
    static final Map<String, CriMethod> BY_NAME = new LinkedHashMap<>();

    static {
      for (MethodSchema method : Schema.cri().methods()) {
        BY_NAME.put(method.name(), new CriMethod(method));
      }
    }
  }
}
