package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Writes the proxy's endpoint into a file of the kubelet. If the file was changed since, by kubeadm
 * for example, undo restores only the endpoint in it.
 */
final class EndpointAction implements StepAction {
  private final NodeFiles files;
  private final Endpoint primary;
  private final Endpoint proxy;
  private final Consumer<String> log;
  private final FileAction plain;

  EndpointAction(NodeFiles files, Endpoint primary, Endpoint proxy, Consumer<String> log) {
    this.files = files;
    this.primary = primary;
    this.proxy = proxy;
    this.log = log;
    this.plain = new FileAction(files, log);
  }

  @Override
  public boolean isDone(JournalStep step) throws IOException {
    return plain.isDone(step);
  }

  @Override
  public void perform(JournalStep step) throws IOException {
    plain.perform(step);
  }

  @Override
  public void undo(JournalStep step) throws IOException {
    FileChange file = step.file();
    Optional<String> now = files.read(file.path());
    if (now.equals(file.before())) {
      return;
    }
    if (now.equals(Optional.of(file.after()))) {
      FileAction.restore(files, file);
    } else if (now.isPresent()) {
      restoreEndpoint(file, now.get());
    }
  }

  private void restoreEndpoint(FileChange file, String now) throws IOException {
    if (!now.contains(proxy.socket())) {
      log.accept(
          "kept: "
              + file.path()
              + ", which was changed since and does not contain the proxy's endpoint:\n"
              + UnifiedDiff.of(file.path(), Optional.of(file.after()), Optional.of(now)));
      return;
    }
    String restored = now.replace(proxy.toString(), primary.toString());
    if (restored.contains(proxy.socket())) {
      throw new IOException(
          file.path()
              + " was changed since and contains "
              + proxy.socket()
              + " in an unknown form: replace it by "
              + primary
              + ", and repeat this");
    }
    log.accept(file.path() + " was changed since; only the endpoint is restored in it");
    files.write(file.path(), restored);
  }
}
