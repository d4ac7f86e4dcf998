package org.example.vm;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.crirouter.proto.v1.PodSandboxConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The network of the node's CNI configuration, as for containers. A pod gets a network namespace
 * with an interface. All packets are redirected between it and a tap device, and the machine gets
 * the address of the interface.
 *
 * @param configurations the folder of CNI configurations; the first one is used
 * @param plugins the folders of CNI plugins, separated by colons
 */
record CniNetwork(Path configurations, String plugins, Command command) implements PodNetwork {
  private static final String CONFIGURATION = "cni.conflist";
  private static final String RESULT = "cni.result";
  private static final String INTERFACE = "eth0";
  private static final String TAP = "tap0";

  @Override
  public Optional<String> reasonNotReady() {
    try {
      configuration();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** The first configuration, as a list of plugins. */
  private JsonObject configuration() throws IOException {
    for (Path file : Folders.list(configurations)) {
      if (file.toString().endsWith(".conflist")) {
        return json(Files.readString(file), file.toString());
      }
    }
    throw new IOException("there is no CNI configuration (*.conflist) in " + configurations);
  }

  private static JsonObject json(String text, String origin) throws IOException {
    try {
      return JsonParser.parseString(text).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new IOException(origin + " is not JSON: " + e.getMessage(), e);
    }
  }

  private static String namespace(String pod) {
    return "vm-" + pod;
  }

  @Override
  public PodAddress connect(String pod, Path folder, PodSandboxConfig config)
      throws IOException, InterruptedException {
    JsonObject list = configuration();
    Folders.write(folder.resolve(CONFIGURATION), list.toString().getBytes());
    command.run("ip", "netns", "add", namespace(pod));
    JsonObject result = new JsonObject();
    for (JsonElement plugin : list.getAsJsonArray("plugins")) {
      String output = call("ADD", pod, list, plugin.getAsJsonObject(), result, config);
      result = json(output, "the answer of " + plugin.getAsJsonObject().get("type"));
      Folders.write(folder.resolve(RESULT), result.toString().getBytes());
    }
    PodAddress address = join(namespace(pod), result);
    address.save(folder);
    return address;
  }

  private String call(
      String verb,
      String pod,
      JsonObject list,
      JsonObject plugin,
      JsonObject previous,
      PodSandboxConfig config)
      throws IOException, InterruptedException {
    JsonObject input = plugin.deepCopy();
    input.add("name", list.get("name"));
    input.add("cniVersion", list.get("cniVersion"));
    if (previous.size() > 0) {
      input.add("prevResult", previous);
    }
    Map<String, String> environment =
        Map.of(
            "CNI_COMMAND", verb,
            "CNI_CONTAINERID", pod,
            "CNI_NETNS", "/var/run/netns/" + namespace(pod),
            "CNI_IFNAME", INTERFACE,
            "CNI_PATH", plugins,
            "CNI_ARGS", arguments(pod, config));
    return command.run(List.of(binary(plugin)), environment, input.toString());
  }

  private static String arguments(String pod, PodSandboxConfig config) {
    return "IgnoreUnknown=1;K8S_POD_NAMESPACE="
        + config.getMetadata().getNamespace()
        + ";K8S_POD_NAME="
        + config.getMetadata().getName()
        + ";K8S_POD_INFRA_CONTAINER_ID="
        + pod
        + ";K8S_POD_UID="
        + config.getMetadata().getUid();
  }

  private String binary(JsonObject plugin) throws IOException {
    String type = plugin.get("type").getAsString();
    for (String folder : plugins.split(":", -1)) {
      if (Files.isExecutable(Path.of(folder, type))) {
        return folder + "/" + type;
      }
    }
    throw new IOException("there is no CNI plugin " + type + " in " + plugins);
  }

  /** Joins the pod's interface to a tap device. */
  private PodAddress join(String namespace, JsonObject result)
      throws IOException, InterruptedException {
    JsonObject link =
        json(
                "{\"links\":"
                    + command.run("ip", "-n", namespace, "-j", "link", "show", INTERFACE)
                    + "}",
                "the answer of ip")
            .getAsJsonArray("links")
            .get(0)
            .getAsJsonObject();
    String mtu = link.get("mtu").getAsString();
    command.run("ip", "-n", namespace, "tuntap", "add", TAP, "mode", "tap");
    command.run("ip", "-n", namespace, "link", "set", TAP, "mtu", mtu, "up");
    redirect(namespace, INTERFACE, TAP);
    redirect(namespace, TAP, INTERFACE);
    return address(
        result,
        new MachineSpec.NetworkCard(
            namespace, TAP, link.get("address").getAsString(), Integer.parseInt(mtu)));
  }

  private void redirect(String namespace, String from, String to)
      throws IOException, InterruptedException {
    command.run("tc", "-n", namespace, "qdisc", "add", "dev", from, "ingress");
    String filter = "filter add dev " + from + " parent ffff: protocol all u32 match u8 0 0";
    String action = " action mirred egress redirect dev " + to;
    command.run(("tc -n " + namespace + " " + filter + action).split(" ", -1));
  }

  private static PodAddress address(JsonObject result, MachineSpec.NetworkCard card)
      throws IOException {
    JsonArray addresses = result.has("ips") ? result.getAsJsonArray("ips") : new JsonArray();
    for (JsonElement element : addresses) {
      JsonObject ip = element.getAsJsonObject();
      String[] address = ip.get("address").getAsString().split("/", -1);
      if (address[0].contains(".")) {
        String gateway = ip.has("gateway") ? ip.get("gateway").getAsString() : "";
        return new PodAddress(address[0], Integer.parseInt(address[1]), gateway, card);
      }
    }
    throw new IOException("the CNI plugins returned no IPv4 address: " + result);
  }

  @Override
  public Optional<PodAddress> find(String pod, Path folder) throws IOException {
    return Files.exists(Path.of("/var/run/netns", namespace(pod)))
        ? PodAddress.load(folder)
        : Optional.empty();
  }

  @Override
  public void disconnect(String pod, Path folder) throws IOException, InterruptedException {
    if (Files.exists(folder.resolve(CONFIGURATION))) {
      JsonObject list = json(Files.readString(folder.resolve(CONFIGURATION)), CONFIGURATION);
      JsonObject result = new JsonObject();
      if (Files.exists(folder.resolve(RESULT))) {
        result = json(Files.readString(folder.resolve(RESULT)), RESULT);
      }
      JsonArray chain = list.getAsJsonArray("plugins");
      for (int i = chain.size() - 1; i >= 0; i--) {
        JsonObject plugin = chain.get(i).getAsJsonObject();
        call("DEL", pod, list, plugin, result, PodSandboxConfig.getDefaultInstance());
      }
      Files.deleteIfExists(folder.resolve(CONFIGURATION));
    }
    if (Files.exists(Path.of("/var/run/netns", namespace(pod)))) {
      command.run("ip", "netns", "delete", namespace(pod));
    }
  }
}
