package io.crirouter.examples.criproxy.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How the proxy and its runtimes are. Times are in ISO 8601, in UTC.
 *
 * @param version the version of the proxy
 * @param pid its process
 * @param startedAt when it started
 * @param listen the socket that the kubelet connects to
 * @param ids prefixed or native
 * @param images prefixed or shared
 * @param stateFile where state is kept; null if nowhere
 * @param configuration the configuration file; null if there are only options
 * @param lastReload the last attempt to read the configuration anew; null if there was none
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
   * An attempt to read the configuration anew.
   *
   * @param at when
   * @param accepted whether it is in force; if not, the one before still is
   * @param message what changed, or why it was refused
   */
  public record Reload(String at, boolean accepted, String message) {}

  /**
   * One runtime.
   *
   * @param name its name
   * @param role primary or secondary
   * @param state ready, lost (it was ready and is not now) or never-seen
   * @param since since when
   * @param reason why it is not ready; empty if it is
   * @param address its socket
   * @param runtimeName what it calls itself; empty before its first answer
   * @param runtimeVersion its version; empty before its first answer
   * @param pods its pod sandboxes, as far as is known
   * @param containers its containers, likewise
   * @param images its images, likewise
   * @param lastKnown whether these numbers are what was last known, since it cannot be asked
   * @param failedCalls how many calls of clients failed there since the proxy started
   * @param lastFailure the last of them; null if there was none
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
   * @param message what the client was told, clipped
   */
  public record Failure(String at, String rpc, String subject, String code, String message) {}
}
