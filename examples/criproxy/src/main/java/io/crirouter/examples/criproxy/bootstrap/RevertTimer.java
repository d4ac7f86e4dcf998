package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * The systemd timer that reverts an uncommitted installation, also if the installer was killed or
 * the node was rebooted. Its monotonic time starts when the timer is started, and again at each
 * boot.
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
