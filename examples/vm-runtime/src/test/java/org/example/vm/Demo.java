package org.example.vm;

import io.crirouter.core.RoutingPolicy;
import io.crirouter.proto.v1.LinuxPodSandboxConfig;
import io.crirouter.proto.v1.PodSandboxConfig;
import io.crirouter.testkit.CriClient;
import io.crirouter.testkit.containerd.ContainerdEnvironment;
import io.crirouter.testkit.containerd.ContainerdInstance;
import io.crirouter.testkit.containerd.ContainerdLine;
import io.crirouter.testkit.containerd.RunDirectory;
import io.crirouter.testkit.containerd.TestRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Runs a pod that is a VM beside one that is a container, through one socket, shows both logs, and
 * removes every trace.
 */
public final class Demo {
  private Demo() {}

  /** Needs root, containerd and QEMU. */
  public static void main(String[] args) throws Exception {
    Optional<String> reason = Guest.reasonToSkip();
    if (reason.isEmpty()) {
      reason = ContainerdEnvironment.reasonToSkip(ContainerdLine.INSTALLED);
    }
    if (reason.isPresent()) {
      System.err.println("vm-runtime demo: " + reason.get());
      System.exit(1);
    }
    Path folder = Files.createTempDirectory("vm-demo");
    try (ImageServer server = new ImageServer();
        TestBridge bridge = new TestBridge(folder);
        RunDirectory run = RunDirectory.create();
        TestRegistry registry = TestRegistry.start(run);
        ContainerdInstance containerd =
            ContainerdInstance.builder("containerd").run(run).registry(registry).start()) {
      say("making the image of a small Linux");
      Guest.putOn(server, folder);
      VmOptions options = TestOptions.at(folder, server.uri(), bridge.options());
      Path socket = folder.resolve("node.sock");
      try (TestNode node = TestNode.Way.IN_ONE_PROCESS.start(containerd.socket(), socket, options);
          CriClient client = CriClient.connect(socket).withDeadline(Duration.ofMinutes(2))) {
        show(new Kubelet(client, folder.resolve("logs")), containerd);
      }
    } finally {
      Folders.delete(folder);
    }
    say("all of it is gone");
  }

  private static void show(Kubelet kubelet, ContainerdInstance containerd) throws Exception {
    try {
      say("the node has " + containerd + " and the runtime for VMs behind one socket");
      String web = container(kubelet, containerd);
      String desktop = vm(kubelet);
      kubelet.awaitLog(web, "hello");
      say("the log of the container:");
      System.out.print(kubelet.log(web));
      say("the VM boots; in software that takes a while");
      kubelet.awaitLog(desktop, "guest: up");
      String pod =
          kubelet.pods().stream().filter(one -> isVm(one.getId())).findFirst().get().getId();
      say("the log of the VM, which has the address " + address(kubelet, pod) + ":");
      System.out.print(kubelet.log(desktop));
      say("pressing its power button");
      kubelet.stop(desktop, 30);
      say("it has ended: " + kubelet.status(desktop).getReason());
    } finally {
      kubelet.removeAll();
    }
  }

  private static boolean isVm(String pod) {
    return pod.startsWith("vmex__");
  }

  private static String address(Kubelet kubelet, String pod) {
    return kubelet.podStatus(pod).getNetwork().getIp();
  }

  private static String container(Kubelet kubelet, ContainerdInstance containerd) {
    kubelet.pull(TestRegistry.BUSYBOX);
    PodSandboxConfig pod =
        kubelet.pod("web").toBuilder()
            .setLinux(
                LinuxPodSandboxConfig.newBuilder()
                    .setCgroupParent(containerd.cgroupParent() + "/podweb"))
            .build();
    String id =
        kubelet.create(
            kubelet.run(pod),
            pod,
            kubelet.container(TestRegistry.BUSYBOX).toBuilder()
                .addAllCommand(List.of("sh", "-c", "echo hello from a container; sleep 600"))
                .build());
    kubelet.start(id);
    return id;
  }

  private static String vm(Kubelet kubelet) {
    String image = "vm.example/" + Guest.IMAGE;
    kubelet.pull(image);
    PodSandboxConfig pod =
        kubelet.pod("desktop").toBuilder()
            .putAnnotations(RoutingPolicy.TARGET_RUNTIME_ANNOTATION, "vm.example")
            .build();
    String id = kubelet.create(kubelet.run(pod), pod, kubelet.container(image));
    kubelet.start(id);
    return id;
  }

  private static void say(String text) {
    System.out.println("== " + text);
  }
}
