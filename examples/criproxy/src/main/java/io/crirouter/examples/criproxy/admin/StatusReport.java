package io.crirouter.examples.criproxy.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of the proxy and its runtimes. Times are in ISO 8601, in UTC.
 *
 * @param version the version of the proxy
 * @param pid its process id
 * @param startedAt when it started
 * @param listen the socket that the kubelet connects to
 * @param ids prefixed or native
 * @param images prefixed or shared
 * @param stateFile the state file; null if there is none
 * @param configuration the configuration file; null if there are only options
 * @param lastReload the last reload of the configuration; null if there was none
 * @param runtimes the runtimes, the primary first
 */
public record StatusReport(
    String version,
    long pid,
    String startedAt,
    String listen,
    String ids,
    String images,
    @Nullable String stateFile,
    @Nullable String configuration,
    @Nullable Reload lastReload,
    List<RuntimeStatus> runtimes) {

  /**
   * A reload of the configuration.
   *
   * @param at when it ended
   * @param accepted whether the new configuration is in force; if not, the former one still is
   * @param message what changed, or why it was refused
   */
  public record Reload(String at, boolean accepted, String message) {}

  /**
   * One runtime.
   *
   * @param name its name
   * @param role primary or secondary
   * @param state ready, lost (it was ready and is not now) or never-seen
   * @param since when it entered that state
   * @param reason why it is not ready; empty if it is
   * @param address its socket
   * @param runtimeName its name in Version; empty before its first answer
   * @param runtimeVersion its version; empty before its first answer
   * @param pods the number of its known pod sandboxes
   * @param containers the number of its known containers
   * @param images the number of its known images
   * @param lastKnown whether these numbers are the last known ones, because it cannot be asked
   * @param failedCalls the number of clients' calls that failed there since the proxy started
   * @param lastFailure the last failed call; null if there was none
   */
  public record RuntimeStatus(
      String name,
      String role,
      String state,
      String since,
      String reason,
      String address,
      String runtimeName,
      String runtimeVersion,
      int pods,
      int containers,
      int images,
      boolean lastKnown,
      long failedCalls,
      @Nullable Failure lastFailure) {}

  /**
   * A call that failed.
   *
   * @param at when it ended
   * @param rpc the rpc
   * @param subject the pod, id or image that it was about; empty if it names none
   * @param code the gRPC status code
   * @param message the status message of the response, clipped
   */
  public record Failure(String at, String rpc, String subject, String code, String message) {}
}
