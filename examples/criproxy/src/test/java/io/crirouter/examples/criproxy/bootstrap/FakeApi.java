package io.crirouter.examples.criproxy.bootstrap;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A fake of kubectl and an API server. */
final class FakeApi {
  private static final Pattern EVICTION =
      Pattern.compile("/api/v1/namespaces/([^/]+)/pods/([^/]+)/eviction");

  private final NodeFiles files;
  private final List<String> asked = new ArrayList<>();
  private String evictionVersion = "policy/v1";
  private Consumer<String> onEviction = pod -> {};
  private Supplier<String> configz = () -> "{}";
  private int refusals;
  private boolean isSchedulable = true;
  private boolean isReady = true;

  FakeApi(NodeFiles files) {
    this.files = files;
  }

  /** Creates an API server that serves evictions of this version only. */
  FakeApi evictions(String version, Consumer<String> action) {
    evictionVersion = version;
    onEviction = action;
    return this;
  }

  /** A disruption budget refuses the first evictions. */
  FakeApi refuse(int evictions) {
    refusals = evictions;
    return this;
  }

  /** Sets the kubelet's configz, which only administrators may read. */
  void configz(Supplier<String> answer) {
    configz = answer;
  }

  void setReady(boolean ready) {
    isReady = ready;
  }

  boolean isSchedulable() {
    return isSchedulable;
  }

  /** The requested changes, in order. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  CommandResult run(List<String> command) throws IOException {
    String words = String.join(" ", command.subList(4, command.size()));
    if (words.startsWith("get node node-1 -o jsonpath={.status")) {
      return new CommandResult(0, isReady ? "True" : "False");
    }
    if (words.startsWith("get node node-1 -o jsonpath={.spec.unschedulable}")) {
      return new CommandResult(0, isSchedulable ? "" : "true");
    }
    if (words.equals("cordon node-1") || words.equals("uncordon node-1")) {
      isSchedulable = words.startsWith("un");
      asked.add(words);
      return new CommandResult(0, "");
    }
    if (words.equals("get --raw /api/v1/nodes/node-1/proxy/configz")) {
      boolean may = command.get(2).equals("/etc/kubernetes/admin.conf");
      return may
          ? new CommandResult(0, configz.get())
          : new CommandResult(1, "nodes \"node-1\" is forbidden");
    }
    Matcher eviction = EVICTION.matcher(words);
    if (eviction.find()) {
      return evict(eviction.group(1) + "/" + eviction.group(2), command.get(command.size() - 1));
    }
    throw new AssertionError("kubectl " + words + " is not known here");
  }

  private CommandResult evict(String pod, String body) throws IOException {
    if (!files.read(body).orElse("").contains("\"" + evictionVersion + "\"")) {
      return new CommandResult(1, "no kind \"Eviction\" is registered for this version");
    }
    if (refusals-- > 0) {
      return new CommandResult(1, "Cannot evict pod as it would violate the disruption budget.");
    }
    asked.add("evict " + pod);
    onEviction.accept(pod);
    return new CommandResult(0, "");
  }
}
