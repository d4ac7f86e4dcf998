/**
 * Real containerd daemons for tests: side by side, each with its own folders, sockets, bridge and
 * images, and removed without a trace.
 *
 * <pre>{@code
 * Optional<String> reason = ContainerdEnvironment.reasonToSkip(ContainerdLine.INSTALLED);
 * assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
 * try (ContainerdPair pair = ContainerdPair.start(ContainerdLine.INSTALLED);
 *     CriClient client = CriClient.connect(pair.primary().socket())) {
 *   // Pods run for real here; pull images from pair.registry().
 * }
 * }</pre>
 *
 * <p>Needs Linux, root (or the capabilities to mount, to make network namespaces and bridges, and
 * to move processes between control groups), and these programs, here with their Debian packages:
 *
 * <ul>
 *   <li>{@code /usr/bin/containerd} (containerd) for {@link
 *       io.crirouter.testkit.containerd.ContainerdLine#INSTALLED}, and an unpacked newer one for
 *       {@code NEWER}
 *   <li>{@code /usr/sbin/runc} (runc)
 *   <li>{@code /usr/lib/cni/bridge}, {@code host-local} and {@code loopback}
 *       (containernetworking-plugins)
 *   <li>{@code /usr/bin/docker-registry} (docker-registry), which serves the images of the tests
 *   <li>{@code /bin/busybox}, static (busybox-static), of which the images are made
 *   <li>{@code /usr/bin/socat} (socat) and {@code /bin/ip} (iproute2)
 * </ul>
 *
 * <p>{@link io.crirouter.testkit.containerd.ContainerdEnvironment} tells what of that is missing,
 * with the packages, and reads two settings. Nothing is fetched from other hosts: all images come
 * from {@link io.crirouter.testkit.containerd.TestRegistry}. Folders are below {@link
 * io.crirouter.testkit.containerd.ContainerdEnvironment#runtimes}, which must be on a local file
 * system; the machine's own containerd, its images and its packet filter are left alone.
 *
 * <p>Everything here uses the JDK alone and speaks no CRI beyond a readiness probe.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit.containerd;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
