package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;

/** Starts the timer that reverts the installation. */
final class TimerAction implements StepAction {
  private final Systemctl systemctl;

  TimerAction(Systemctl systemctl) {
    this.systemctl = systemctl;
  }

  @Override
  public void perform(JournalStep step) throws IOException {
    systemctl.enableNow(RevertTimer.TIMER);
  }

  @Override
  public void undo(JournalStep step) throws IOException {
    systemctl.disableNow(RevertTimer.TIMER);
  }
}
