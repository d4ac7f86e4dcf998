package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Reverts an installation that nobody committed, also if the installer is gone or the node was
 * restarted. systemd counts the time from when the timer is started, at a boot anew, on a clock
 * that does not jump.
 */
final class RevertTimer {
  static final String TIMER = "criproxy-bootstrap-revert.timer";

  private static final String FOLDER = "/etc/systemd/system/";
  private static final String SERVICE = "criproxy-bootstrap-revert.service";

  private RevertTimer() {}

  static List<FileChange> files(Node node, String executable, Duration after) throws IOException {
    String service =
        """
        # Written by "criproxy bootstrap install".
        [Unit]
        Description=Takes criproxy off this node unless its installation was committed

        [Service]
        ExecStart=%s bootstrap revert --by-timer
        Restart=on-failure
        RestartSec=30
        """
            .formatted(executable);
    String timer =
        """
        # Written by "criproxy bootstrap install".
        [Unit]
        Description=Takes criproxy off this node unless its installation is committed in time

        [Timer]
        OnActiveSec=%d
        AccuracySec=1

        [Install]
        WantedBy=timers.target
        """
            .formatted(after.toSeconds());
    return List.of(
        new FileChange(FOLDER + SERVICE, node.files().read(FOLDER + SERVICE), service),
        new FileChange(FOLDER + TIMER, node.files().read(FOLDER + TIMER), timer));
  }
}
