package io.crirouter.core;

import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.crirouter.proto.v1.AttachRequest;
import io.crirouter.proto.v1.AttachResponse;
import io.crirouter.proto.v1.CheckpointContainerRequest;
import io.crirouter.proto.v1.CheckpointContainerResponse;
import io.crirouter.proto.v1.CheckpointPodRequest;
import io.crirouter.proto.v1.CheckpointPodResponse;
import io.crirouter.proto.v1.ContainerEventResponse;
import io.crirouter.proto.v1.ContainerStatsRequest;
import io.crirouter.proto.v1.ContainerStatsResponse;
import io.crirouter.proto.v1.ContainerStatusRequest;
import io.crirouter.proto.v1.ContainerStatusResponse;
import io.crirouter.proto.v1.CreateContainerRequest;
import io.crirouter.proto.v1.CreateContainerResponse;
import io.crirouter.proto.v1.ExecRequest;
import io.crirouter.proto.v1.ExecResponse;
import io.crirouter.proto.v1.ExecSyncRequest;
import io.crirouter.proto.v1.ExecSyncResponse;
import io.crirouter.proto.v1.GetEventsRequest;
import io.crirouter.proto.v1.ImageFsInfoRequest;
import io.crirouter.proto.v1.ImageFsInfoResponse;
import io.crirouter.proto.v1.ImageStatusRequest;
import io.crirouter.proto.v1.ImageStatusResponse;
import io.crirouter.proto.v1.ListContainerStatsRequest;
import io.crirouter.proto.v1.ListContainerStatsResponse;
import io.crirouter.proto.v1.ListContainersRequest;
import io.crirouter.proto.v1.ListContainersResponse;
import io.crirouter.proto.v1.ListImagesRequest;
import io.crirouter.proto.v1.ListImagesResponse;
import io.crirouter.proto.v1.ListMetricDescriptorsRequest;
import io.crirouter.proto.v1.ListMetricDescriptorsResponse;
import io.crirouter.proto.v1.ListPodSandboxMetricsRequest;
import io.crirouter.proto.v1.ListPodSandboxMetricsResponse;
import io.crirouter.proto.v1.ListPodSandboxRequest;
import io.crirouter.proto.v1.ListPodSandboxResponse;
import io.crirouter.proto.v1.ListPodSandboxStatsRequest;
import io.crirouter.proto.v1.ListPodSandboxStatsResponse;
import io.crirouter.proto.v1.PodSandboxStatsRequest;
import io.crirouter.proto.v1.PodSandboxStatsResponse;
import io.crirouter.proto.v1.PodSandboxStatusRequest;
import io.crirouter.proto.v1.PodSandboxStatusResponse;
import io.crirouter.proto.v1.PortForwardRequest;
import io.crirouter.proto.v1.PortForwardResponse;
import io.crirouter.proto.v1.PullImageRequest;
import io.crirouter.proto.v1.PullImageResponse;
import io.crirouter.proto.v1.RemoveContainerRequest;
import io.crirouter.proto.v1.RemoveContainerResponse;
import io.crirouter.proto.v1.RemoveImageRequest;
import io.crirouter.proto.v1.RemoveImageResponse;
import io.crirouter.proto.v1.RemovePodSandboxRequest;
import io.crirouter.proto.v1.RemovePodSandboxResponse;
import io.crirouter.proto.v1.ReopenContainerLogRequest;
import io.crirouter.proto.v1.ReopenContainerLogResponse;
import io.crirouter.proto.v1.RestorePodRequest;
import io.crirouter.proto.v1.RestorePodResponse;
import io.crirouter.proto.v1.RunPodSandboxRequest;
import io.crirouter.proto.v1.RunPodSandboxResponse;
import io.crirouter.proto.v1.RuntimeConfigRequest;
import io.crirouter.proto.v1.RuntimeConfigResponse;
import io.crirouter.proto.v1.StartContainerRequest;
import io.crirouter.proto.v1.StartContainerResponse;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.proto.v1.StatusResponse;
import io.crirouter.proto.v1.StopContainerRequest;
import io.crirouter.proto.v1.StopContainerResponse;
import io.crirouter.proto.v1.StopPodSandboxRequest;
import io.crirouter.proto.v1.StopPodSandboxResponse;
import io.crirouter.proto.v1.StreamContainerStatsRequest;
import io.crirouter.proto.v1.StreamContainerStatsResponse;
import io.crirouter.proto.v1.StreamContainersRequest;
import io.crirouter.proto.v1.StreamContainersResponse;
import io.crirouter.proto.v1.StreamImagesRequest;
import io.crirouter.proto.v1.StreamImagesResponse;
import io.crirouter.proto.v1.StreamPodSandboxMetricsRequest;
import io.crirouter.proto.v1.StreamPodSandboxMetricsResponse;
import io.crirouter.proto.v1.StreamPodSandboxStatsRequest;
import io.crirouter.proto.v1.StreamPodSandboxStatsResponse;
import io.crirouter.proto.v1.StreamPodSandboxesRequest;
import io.crirouter.proto.v1.StreamPodSandboxesResponse;
import io.crirouter.proto.v1.UpdateContainerResourcesRequest;
import io.crirouter.proto.v1.UpdateContainerResourcesResponse;
import io.crirouter.proto.v1.UpdatePodSandboxResourcesRequest;
import io.crirouter.proto.v1.UpdatePodSandboxResourcesResponse;
import io.crirouter.proto.v1.UpdateRuntimeConfigRequest;
import io.crirouter.proto.v1.UpdateRuntimeConfigResponse;
import io.crirouter.proto.v1.VersionRequest;
import io.crirouter.proto.v1.VersionResponse;

/**
 * An rpc of CRI v1 with the types of its messages, for a {@link TypedBackend}. There is a constant
 * for each of them. Immutable.
 *
 * @param <Q> the request message
 * @param <A> the response message
 */
@SuppressWarnings("UnusedTypeParameter") // by it the compiler checks what handlers answer
public final class Rpc<Q extends MessageLite, A extends MessageLite> {
  /** The name and version of the runtime; a probe of its health. */
  public static final Rpc<VersionRequest, VersionResponse> VERSION =
      of("Version", VersionRequest.parser());

  /** Creates and starts a pod sandbox. */
  public static final Rpc<RunPodSandboxRequest, RunPodSandboxResponse> RUN_POD_SANDBOX =
      of("RunPodSandbox", RunPodSandboxRequest.parser());

  /** Stops all that runs in a pod sandbox; succeeds if it is stopped already. */
  public static final Rpc<StopPodSandboxRequest, StopPodSandboxResponse> STOP_POD_SANDBOX =
      of("StopPodSandbox", StopPodSandboxRequest.parser());

  /** Removes a pod sandbox and its containers; succeeds if it is gone already. */
  public static final Rpc<RemovePodSandboxRequest, RemovePodSandboxResponse> REMOVE_POD_SANDBOX =
      of("RemovePodSandbox", RemovePodSandboxRequest.parser());

  /** The status of one pod sandbox. */
  public static final Rpc<PodSandboxStatusRequest, PodSandboxStatusResponse> POD_SANDBOX_STATUS =
      of("PodSandboxStatus", PodSandboxStatusRequest.parser());

  /** The pod sandboxes that match a filter. */
  public static final Rpc<ListPodSandboxRequest, ListPodSandboxResponse> LIST_POD_SANDBOX =
      of("ListPodSandbox", ListPodSandboxRequest.parser());

  /** Like {@link #LIST_POD_SANDBOX}, in pieces. */
  public static final Rpc<StreamPodSandboxesRequest, StreamPodSandboxesResponse>
      STREAM_POD_SANDBOXES = of("StreamPodSandboxes", StreamPodSandboxesRequest.parser());

  /** Creates a container in a pod sandbox. */
  public static final Rpc<CreateContainerRequest, CreateContainerResponse> CREATE_CONTAINER =
      of("CreateContainer", CreateContainerRequest.parser());

  /** Starts a container. */
  public static final Rpc<StartContainerRequest, StartContainerResponse> START_CONTAINER =
      of("StartContainer", StartContainerRequest.parser());

  /** Stops a container within a time; succeeds if it is stopped already. */
  public static final Rpc<StopContainerRequest, StopContainerResponse> STOP_CONTAINER =
      of("StopContainer", StopContainerRequest.parser());

  /** Removes a container; succeeds if it is gone already. */
  public static final Rpc<RemoveContainerRequest, RemoveContainerResponse> REMOVE_CONTAINER =
      of("RemoveContainer", RemoveContainerRequest.parser());

  /** The containers that match a filter. */
  public static final Rpc<ListContainersRequest, ListContainersResponse> LIST_CONTAINERS =
      of("ListContainers", ListContainersRequest.parser());

  /** Like {@link #LIST_CONTAINERS}, in pieces. */
  public static final Rpc<StreamContainersRequest, StreamContainersResponse> STREAM_CONTAINERS =
      of("StreamContainers", StreamContainersRequest.parser());

  /** The status of one container. */
  public static final Rpc<ContainerStatusRequest, ContainerStatusResponse> CONTAINER_STATUS =
      of("ContainerStatus", ContainerStatusRequest.parser());

  /** Changes the resources of a container. */
  public static final Rpc<UpdateContainerResourcesRequest, UpdateContainerResourcesResponse>
      UPDATE_CONTAINER_RESOURCES =
          of("UpdateContainerResources", UpdateContainerResourcesRequest.parser());

  /** Opens the log file of a container anew, after it was rotated. */
  public static final Rpc<ReopenContainerLogRequest, ReopenContainerLogResponse>
      REOPEN_CONTAINER_LOG = of("ReopenContainerLog", ReopenContainerLogRequest.parser());

  /** Runs a command in a container and answers with its output. */
  public static final Rpc<ExecSyncRequest, ExecSyncResponse> EXEC_SYNC =
      of("ExecSync", ExecSyncRequest.parser());

  /** A URL at which a command can be run in a container. */
  public static final Rpc<ExecRequest, ExecResponse> EXEC = of("Exec", ExecRequest.parser());

  /** A URL at which a container can be attached to. */
  public static final Rpc<AttachRequest, AttachResponse> ATTACH =
      of("Attach", AttachRequest.parser());

  /** A URL at which ports of a pod sandbox can be reached. */
  public static final Rpc<PortForwardRequest, PortForwardResponse> PORT_FORWARD =
      of("PortForward", PortForwardRequest.parser());

  /** The stats of one container. */
  public static final Rpc<ContainerStatsRequest, ContainerStatsResponse> CONTAINER_STATS =
      of("ContainerStats", ContainerStatsRequest.parser());

  /** The stats of the containers that match a filter. */
  public static final Rpc<ListContainerStatsRequest, ListContainerStatsResponse>
      LIST_CONTAINER_STATS = of("ListContainerStats", ListContainerStatsRequest.parser());

  /** Like {@link #LIST_CONTAINER_STATS}, in pieces. */
  public static final Rpc<StreamContainerStatsRequest, StreamContainerStatsResponse>
      STREAM_CONTAINER_STATS = of("StreamContainerStats", StreamContainerStatsRequest.parser());

  /** The stats of one pod sandbox. */
  public static final Rpc<PodSandboxStatsRequest, PodSandboxStatsResponse> POD_SANDBOX_STATS =
      of("PodSandboxStats", PodSandboxStatsRequest.parser());

  /** The stats of the pod sandboxes that match a filter. */
  public static final Rpc<ListPodSandboxStatsRequest, ListPodSandboxStatsResponse>
      LIST_POD_SANDBOX_STATS = of("ListPodSandboxStats", ListPodSandboxStatsRequest.parser());

  /** Like {@link #LIST_POD_SANDBOX_STATS}, in pieces. */
  public static final Rpc<StreamPodSandboxStatsRequest, StreamPodSandboxStatsResponse>
      STREAM_POD_SANDBOX_STATS = of("StreamPodSandboxStats", StreamPodSandboxStatsRequest.parser());

  /** Hands over the node's pod CIDR. */
  public static final Rpc<UpdateRuntimeConfigRequest, UpdateRuntimeConfigResponse>
      UPDATE_RUNTIME_CONFIG = of("UpdateRuntimeConfig", UpdateRuntimeConfigRequest.parser());

  /** The conditions of the runtime, ready or not, and its handlers and features. */
  public static final Rpc<StatusRequest, StatusResponse> STATUS =
      of("Status", StatusRequest.parser());

  /** Writes the state of a container to a file. */
  public static final Rpc<CheckpointContainerRequest, CheckpointContainerResponse>
      CHECKPOINT_CONTAINER = of("CheckpointContainer", CheckpointContainerRequest.parser());

  /** Writes the state of a pod to files. */
  public static final Rpc<CheckpointPodRequest, CheckpointPodResponse> CHECKPOINT_POD =
      of("CheckpointPod", CheckpointPodRequest.parser());

  /** Creates a pod from such files. */
  public static final Rpc<RestorePodRequest, RestorePodResponse> RESTORE_POD =
      of("RestorePod", RestorePodRequest.parser());

  /** The events of all containers, without end. */
  public static final Rpc<GetEventsRequest, ContainerEventResponse> GET_CONTAINER_EVENTS =
      of("GetContainerEvents", GetEventsRequest.parser());

  /** Describes the metrics of pod sandboxes. */
  public static final Rpc<ListMetricDescriptorsRequest, ListMetricDescriptorsResponse>
      LIST_METRIC_DESCRIPTORS = of("ListMetricDescriptors", ListMetricDescriptorsRequest.parser());

  /** The metrics of all pod sandboxes. */
  public static final Rpc<ListPodSandboxMetricsRequest, ListPodSandboxMetricsResponse>
      LIST_POD_SANDBOX_METRICS = of("ListPodSandboxMetrics", ListPodSandboxMetricsRequest.parser());

  /** Like {@link #LIST_POD_SANDBOX_METRICS}, in pieces. */
  public static final Rpc<StreamPodSandboxMetricsRequest, StreamPodSandboxMetricsResponse>
      STREAM_POD_SANDBOX_METRICS =
          of("StreamPodSandboxMetrics", StreamPodSandboxMetricsRequest.parser());

  /** The cgroup driver of the runtime. */
  public static final Rpc<RuntimeConfigRequest, RuntimeConfigResponse> RUNTIME_CONFIG =
      of("RuntimeConfig", RuntimeConfigRequest.parser());

  /** Changes the resources of a pod sandbox. */
  public static final Rpc<UpdatePodSandboxResourcesRequest, UpdatePodSandboxResourcesResponse>
      UPDATE_POD_SANDBOX_RESOURCES =
          of("UpdatePodSandboxResources", UpdatePodSandboxResourcesRequest.parser());

  /** The images that match a filter. */
  public static final Rpc<ListImagesRequest, ListImagesResponse> LIST_IMAGES =
      of("ListImages", ListImagesRequest.parser());

  /** Like {@link #LIST_IMAGES}, in pieces. */
  public static final Rpc<StreamImagesRequest, StreamImagesResponse> STREAM_IMAGES =
      of("StreamImages", StreamImagesRequest.parser());

  /** One image; an empty response if it is not there. */
  public static final Rpc<ImageStatusRequest, ImageStatusResponse> IMAGE_STATUS =
      of("ImageStatus", ImageStatusRequest.parser());

  /** Pulls an image. */
  public static final Rpc<PullImageRequest, PullImageResponse> PULL_IMAGE =
      of("PullImage", PullImageRequest.parser());

  /** Removes an image; succeeds if it is gone already. */
  public static final Rpc<RemoveImageRequest, RemoveImageResponse> REMOVE_IMAGE =
      of("RemoveImage", RemoveImageRequest.parser());

  /** The file systems that hold images. */
  public static final Rpc<ImageFsInfoRequest, ImageFsInfoResponse> IMAGE_FS_INFO =
      of("ImageFsInfo", ImageFsInfoRequest.parser());

  private final CriMethod method;
  private final Parser<Q> requests;

  private Rpc(CriMethod method, Parser<Q> requests) {
    this.method = method;
    this.requests = requests;
  }

  private static <Q extends MessageLite, A extends MessageLite> Rpc<Q, A> of(
      String name, Parser<Q> requests) {
    return new Rpc<>(CriMethod.of(name), requests);
  }

  /** The rpc without types. */
  public CriMethod method() {
    return method;
  }

  /** Parses its requests. */
  Parser<Q> requests() {
    return requests;
  }

  /** The name of the rpc. */
  @Override
  public String toString() {
    return method.name();
  }
}
