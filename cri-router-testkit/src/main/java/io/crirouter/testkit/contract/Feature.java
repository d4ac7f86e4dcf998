package io.crirouter.testkit.contract;

/**
 * What a CRI runtime may do without, or differently, and still serve a kubelet. A runtime that
 * lacks one says so by {@link RuntimeUnderTest.Builder#lacks}, and the rules that need it are not
 * applied. A lack that is declared although all of these rules hold fails the suite, so that the
 * declaration stays true.
 */
public enum Feature {
  /** RuntimeConfig tells the cgroup driver. Kubelets without it use their own setting. */
  RUNTIME_CONFIG,
  /** Status lists the runtime handlers. */
  RUNTIME_HANDLERS,
  /** UpdateRuntimeConfig, which tells the pod CIDR of the node. */
  UPDATE_RUNTIME_CONFIG,
  /** Verbose answers have info, for people. */
  VERBOSE_INFO,
  /** Ids can be shortened to what is unambiguous, as crictl shows them. Kubelets do not do that. */
  SHORT_IDS,
  /** A second sandbox or container of the same name and attempt is refused. */
  UNIQUE_NAMES,
  /** StopPodSandbox succeeds for a sandbox that is not there. containerd 1.6: NOT_FOUND. */
  STOP_OF_UNKNOWN_POD_SANDBOX,
  /** StopContainer succeeds for a container that is not there. */
  STOP_OF_UNKNOWN_CONTAINER,
  /** PodSandboxStatus has the statuses of the containers and a timestamp, for the evented PLEG. */
  POD_CONTAINER_STATUSES,
  /** UpdateContainerResources. */
  CONTAINER_RESOURCES,
  /** UpdatePodSandboxResources. */
  POD_RESOURCES,
  /** Containers run real processes, with a shell in the image; not so in a fake. */
  PROCESSES,
  /** Commands run in containers: ExecSync and Exec. Not so in a virtual machine, for example. */
  EXEC,
  /** Attach. */
  ATTACH,
  /** PortForward. */
  PORT_FORWARD,
  /** Several containers of a pod run at the same time. */
  SEVERAL_CONTAINERS,
  /** What containers print is written to their log files. */
  LOG_FILES,
  /** ReopenContainerLog. */
  LOG_ROTATION,
  /** A server listens where the URLs of Exec, Attach and PortForward lead. */
  STREAM_SERVER,
  /** A pull of an image that no registry has fails; not so in a fake. */
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
  /** StreamPodSandboxes, StreamContainers and the other lists that are streams. */
  LIST_STREAMS,
  /** CheckpointContainer. */
  CHECKPOINTS
}
