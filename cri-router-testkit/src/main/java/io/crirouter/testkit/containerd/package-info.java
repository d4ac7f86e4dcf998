/**
 * Real containerd daemons for tests, each with its own folders, socket, bridge and images. They are
 * removed completely at the end.
 *
 * <pre>{@code
 * Optional<String> reason = ContainerdEnvironment.reasonToSkip(ContainerdLine.INSTALLED);
 * assumeTrue(reason.isEmpty(), () -> reason.orElse(""));
 * try (ContainerdPair pair = ContainerdPair.start(ContainerdLine.INSTALLED);
 *     CriClient client = CriClient.connect(pair.primary().socket())) {
 *   // Run pods with images of pair.registry().
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
 *   <li>{@code /bin/busybox}, static (busybox-static), the content of the images
 *   <li>{@code /usr/bin/socat} (socat) and {@code /bin/ip} (iproute2)
 * </ul>
 *
 * <p>{@link io.crirouter.testkit.containerd.ContainerdEnvironment} lists what is missing, with the
 * packages, and reads two settings. Nothing is downloaded: all images come from {@link
 * io.crirouter.testkit.containerd.TestRegistry}. Folders are below {@link
 * io.crirouter.testkit.containerd.ContainerdEnvironment#runtimes}, which must be on a local file
 * system. The containerd of the machine, its images and its packet filter are not changed.
 *
 * <p>This package depends only on the JDK and uses no CRI except for a readiness probe.
 */
@CheckReturnValue
@NullMarked
package io.crirouter.testkit.containerd;

import com.google.errorprone.annotations.CheckReturnValue;
import org.jspecify.annotations.NullMarked;
