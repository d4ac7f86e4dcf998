package io.crirouter.testkit.contract;

/**
 * An optional feature of a CRI runtime: a kubelet works without it. A runtime declares the features
 * that it lacks with {@link RuntimeUnderTest.Builder#lacks}, and the rules that need them are not
 * applied. The suite fails if a feature is declared as lacking although all of its rules hold.
 */
public enum Feature {
  /** RuntimeConfig reports the cgroup driver. Otherwise kubelets use their own setting. */
  RUNTIME_CONFIG,
  /** Status lists the runtime handlers. */
  RUNTIME_HANDLERS,
  /** UpdateRuntimeConfig, with the pod CIDR of the node. */
  UPDATE_RUNTIME_CONFIG,
  /** Verbose responses have info. */
  VERBOSE_INFO,
  /** Ids can be shortened to an unambiguous prefix, as in crictl. Kubelets do not do that. */
  SHORT_IDS,
  /** A second sandbox or container of the same name and attempt is refused. */
  UNIQUE_NAMES,
  /** StopPodSandbox succeeds for an unknown sandbox. containerd 1.6 answers NOT_FOUND. */
  STOP_OF_UNKNOWN_POD_SANDBOX,
  /** StopContainer succeeds for an unknown container. */
  STOP_OF_UNKNOWN_CONTAINER,
  /** PodSandboxStatus has the statuses of the containers and a timestamp, for the evented PLEG. */
  POD_CONTAINER_STATUSES,
  /** UpdateContainerResources. */
  CONTAINER_RESOURCES,
  /** UpdatePodSandboxResources. */
  POD_RESOURCES,
  /** Containers run real processes, with a shell in the image. A fake lacks this. */
  PROCESSES,
  /** ExecSync and Exec run commands in containers. A virtual machine, for example, lacks this. */
  EXEC,
  /** Attach. */
  ATTACH,
  /** PortForward. */
  PORT_FORWARD,
  /** Several containers of a pod run at the same time. */
  SEVERAL_CONTAINERS,
  /** The output of containers is written to their log files. */
  LOG_FILES,
  /** ReopenContainerLog. */
  LOG_ROTATION,
  /** A server listens at the URLs of Exec, Attach and PortForward. */
  STREAM_SERVER,
  /** A pull of an image that no registry has fails. A fake lacks this. */
  PULL_ERRORS,
  /** ListImages honours its filter. Kubelets do not use it. */
  IMAGE_FILTER,
  /** ImageFsInfo. */
  IMAGE_FS_INFO,
  /** ContainerStats and ListContainerStats. */
  CONTAINER_STATS,
  /** PodSandboxStats and ListPodSandboxStats. */
  POD_STATS,
  /** ListMetricDescriptors and ListPodSandboxMetrics. */
  METRICS,
  /** GetContainerEvents. */
  EVENTS,
  /** StreamPodSandboxes, StreamContainers and the other streamed lists. */
  LIST_STREAMS,
  /** CheckpointContainer. */
  CHECKPOINTS
}
