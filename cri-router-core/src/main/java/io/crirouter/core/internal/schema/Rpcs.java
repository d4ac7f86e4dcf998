package io.crirouter.core.internal.schema;

import io.crirouter.core.CriMethod;

/**
 * The rpcs that the router calls by itself. This is the one place that knows rpcs by their names:
 * how calls of a client are handled is derived from the options of each rpc.
 */
public final class Rpcs {
  /** Probes a runtime. */
  public static final CriMethod VERSION = CriMethod.of("Version");

  /** The conditions, runtime handlers and features of a runtime. */
  public static final CriMethod STATUS = CriMethod.of("Status");

  /** The cgroup driver of a runtime. */
  public static final CriMethod RUNTIME_CONFIG = CriMethod.of("RuntimeConfig");

  /** Sends the node's pod addresses to a runtime. */
  public static final CriMethod UPDATE_RUNTIME_CONFIG = CriMethod.of("UpdateRuntimeConfig");

  /** All pod sandboxes. */
  public static final CriMethod LIST_POD_SANDBOX = CriMethod.of("ListPodSandbox");

  /** All containers. */
  public static final CriMethod LIST_CONTAINERS = CriMethod.of("ListContainers");

  /** All images. */
  public static final CriMethod LIST_IMAGES = CriMethod.of("ListImages");

  /** The stats of all containers. */
  public static final CriMethod LIST_CONTAINER_STATS = CriMethod.of("ListContainerStats");

  /** The order of metric labels. */
  public static final CriMethod LIST_METRIC_DESCRIPTORS = CriMethod.of("ListMetricDescriptors");

  /** One pod sandbox with its containers. */
  public static final CriMethod POD_SANDBOX_STATUS = CriMethod.of("PodSandboxStatus");

  /** One container. */
  public static final CriMethod CONTAINER_STATUS = CriMethod.of("ContainerStatus");

  /** Whether a runtime has an image. */
  public static final CriMethod IMAGE_STATUS = CriMethod.of("ImageStatus");

  /** The events of a runtime. */
  public static final CriMethod GET_CONTAINER_EVENTS = CriMethod.of("GetContainerEvents");

  private Rpcs() {}
}
