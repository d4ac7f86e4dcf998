package org.example.vm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Boots machines, each in its own QEMU process. */
final class Qemu implements Hypervisor {
  static final String CONSOLE_OUTPUT = "console.out";
  static final String CONSOLE_INPUT = "console.in";
  private static final String CONSOLE = "console";
  private static final String MONITOR = "qmp";
  private static final String PID = "pid";

  /** The longest path of a UNIX socket, with the byte that ends it. */
  private static final int MAX_SOCKET_PATH = 107;

  private final String binary;
  private final String accelerator;
  private final Command command;
  private volatile boolean found;

  /**
   * @param binary the name or path of qemu-system-x86_64
   * @param accelerator the accelerator of {@link VmOptions}
   */
  Qemu(String binary, String accelerator, Command command) {
    this.binary = binary;
    this.accelerator = accelerator;
    this.command = command;
  }

  /** Caches a success, because a router calls Status every few seconds. */
  @Override
  public Optional<String> reasonNotReady() {
    if (found) {
      return Optional.empty();
    }
    try {
      command.run(binary, "--version");
      found = true;
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(
          binary + " does not run; on Debian install qemu-system-x86: " + e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Optional.of("interrupted");
    }
  }

  @Override
  public Machine boot(MachineSpec spec) throws IOException, InterruptedException {
    Path folder = spec.folder();
    if (folder.resolve(MONITOR).toString().length() > MAX_SOCKET_PATH) {
      throw new IOException("the path is too long for a socket: " + folder.resolve(MONITOR));
    }
    Folders.delete(folder);
    Files.createDirectories(folder);
    String outputs = folder.resolve(CONSOLE_OUTPUT).toString();
    command.run("mkfifo", "--mode=600", outputs, folder.resolve(CONSOLE_INPUT).toString());
    try {
      command.run(arguments(spec), Map.of("TMPDIR", folder.toString()), "");
      Machine machine =
          find(spec.id(), folder)
              .orElseThrow(() -> new IOException("QEMU ended right after its start"));
      spec.controlGroup().join("vm-" + spec.id(), machine.pid(), command);
      return machine;
    } catch (IOException | InterruptedException e) {
      process(spec.id(), folder).ifPresent(ProcessHandle::destroyForcibly);
      throw e;
    }
  }

  @Override
  public Optional<Machine> find(String id, Path folder) throws IOException {
    Optional<ProcessHandle> process = process(id, folder);
    if (process.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(QemuMachine.connect(process.get(), folder.resolve(MONITOR)));
  }

  /** The process of the pid file; empty if the pid now belongs to another process. */
  private static Optional<ProcessHandle> process(String id, Path folder) throws IOException {
    try {
      long pid = Long.parseLong(Files.readString(folder.resolve(PID)).strip());
      String commandLine = Files.readString(Path.of("/proc", String.valueOf(pid), "cmdline"));
      return commandLine.contains(guest(id)) ? ProcessHandle.of(pid) : Optional.empty();
    } catch (NoSuchFileException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String guest(String id) {
    return "guest=vm-" + id;
  }

  private List<String> arguments(MachineSpec spec) throws IOException {
    Path folder = spec.folder();
    List<String> all = new ArrayList<>();
    spec.card().ifPresent(card -> all.addAll(List.of("ip", "netns", "exec", card.namespace())));
    all.addAll(List.of(binary, "-name", guest(spec.id()), "-nodefaults", "-no-user-config"));
    all.addAll(List.of("-machine", "q35,accel=" + accelerator, "-cpu", "max", "-display", "none"));
    all.addAll(List.of("-smp", String.valueOf(spec.hardware().processors())));
    all.addAll(List.of("-m", spec.hardware().mebibytes() + "M"));
    all.addAll(List.of("-chardev", "pipe,id=console,path=" + escaped(folder.resolve(CONSOLE))));
    all.addAll(List.of("-serial", "chardev:console"));
    all.addAll(List.of("-qmp", "unix:" + escaped(folder.resolve(MONITOR)) + ",server=on,wait=off"));
    all.addAll(List.of("-action", "reboot=shutdown,shutdown=pause,panic=shutdown"));
    all.addAll(List.of("-object", "rng-random,id=rng,filename=/dev/urandom"));
    all.addAll(List.of("-device", "virtio-rng-pci,rng=rng"));
    all.addAll(kernel(spec));
    all.addAll(disk(spec.image()));
    spec.card().ifPresent(card -> all.addAll(network(card)));
    all.addAll(List.of("-sandbox", "on,obsolete=deny"));
    all.addAll(List.of("-pidfile", folder.resolve(PID).toString(), "-daemonize"));
    return all;
  }

  private static List<String> kernel(MachineSpec spec) {
    List<String> all = new ArrayList<>();
    StoredImage image = spec.image();
    image.part(ImageManifest.KERNEL).ifPresent(file -> all.addAll(List.of("-kernel", file + "")));
    image
        .part(ImageManifest.INITRAMFS)
        .ifPresent(file -> all.addAll(List.of("-initrd", file + "")));
    if (!all.isEmpty()) {
      String line = image.manifest().commandLine() + " panic=-1 " + spec.kernelArguments();
      all.addAll(List.of("-append", line.strip()));
    }
    return all;
  }

  /** The disk options. Writes of the guest go to an unnamed temporary file (snapshot). */
  private static List<String> disk(StoredImage image) throws IOException {
    Optional<Path> disk = image.part(ImageManifest.DISK);
    if (disk.isEmpty()) {
      return List.of();
    }
    String format = DiskFormat.of(disk.get()) == DiskFormat.QCOW2 ? "qcow2" : "raw";
    String drive = "id=disk,if=none,snapshot=on,format=" + format + ",file=" + escaped(disk.get());
    return List.of("-drive", drive, "-device", "virtio-blk-pci,drive=disk");
  }

  private static List<String> network(MachineSpec.NetworkCard card) {
    String tap = "tap,id=net,script=no,downscript=no,ifname=" + card.tap();
    String device = "virtio-net-pci,netdev=net,mac=" + card.mac() + ",host_mtu=" + card.mtu();
    return List.of("-netdev", tap, "-device", device);
  }

  /** Doubles commas, which separate options of QEMU. */
  private static String escaped(Path path) {
    return path.toString().replace(",", ",,");
  }

  @Override
  public String toString() {
    return binary + " with " + accelerator;
  }
}
