package io.crirouter.testkit.router;

import static io.crirouter.proto.v1.CgroupDriver.CGROUPFS;
import static io.crirouter.proto.v1.CgroupDriver.SYSTEMD;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.crirouter.core.RpcStatus;
import io.crirouter.core.RpcStatus.Code;
import io.crirouter.proto.v1.CgroupDriver;
import io.crirouter.proto.v1.LinuxRuntimeConfiguration;
import io.crirouter.proto.v1.RuntimeCondition;
import io.crirouter.proto.v1.RuntimeConfigResponse;
import io.crirouter.proto.v1.StatusRequest;
import io.crirouter.testkit.FakeRuntime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A secondary whose cgroup driver differs from that of the primary, which kubelets use. */
class CgroupDriverTest {
  private static final RpcStatus UNIMPLEMENTED =
      RpcStatus.of(Code.UNIMPLEMENTED, "unknown method RuntimeConfig");

  private final ErrorLog errors = new ErrorLog();

  @AfterEach
  void stopListening() {
    errors.close();
  }

  private static Node.Builder drivers(CgroupDriver primary, CgroupDriver secondary) {
    return Node.builder()
        .containerd(fake -> fake.cgroupDriver(primary))
        .virtlet(fake -> fake.cgroupDriver(secondary));
  }

  private static List<RuntimeCondition> conditions(Node node) {
    return node
        .client
        .runtime()
        .status(StatusRequest.getDefaultInstance())
        .getStatus()
        .getConditionsList()
        .stream()
        .filter(condition -> condition.getType().contains("CgroupDriver"))
        .toList();
  }

  /** Restarts a runtime with another cgroup driver. */
  private static void restartWith(FakeRuntime runtime, CgroupDriver driver) {
    runtime.down();
    runtime.respondWithBytes("RuntimeConfig", config(driver));
    runtime.up();
  }

  private static ByteString config(CgroupDriver driver) {
    return RuntimeConfigResponse.newBuilder()
        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(driver))
        .build()
        .toByteString();
  }

  @Test
  void anotherDriverIsLoggedAndReportedAsACondition() {
    Node node = drivers(SYSTEMD, CGROUPFS).build();

    assertThat(errors.lines())
        .singleElement()
        .asString()
        .contains("virtlet.cloud", "cgroupfs", "containerd", "systemd", "configure systemd");
    assertThat(conditions(node))
        .singleElement()
        .satisfies(
            condition -> {
              assertThat(condition.getType()).isEqualTo("virtlet.cloud/CgroupDriver");
              assertThat(condition.getStatus()).isFalse();
              assertThat(condition.getReason()).isEqualTo("DiffersFromPrimary");
              assertThat(condition.getMessage()).isEqualTo(errors.lines().get(0));
            });
  }

  @Test
  void theSameDriverIsNotReported() {
    assertThat(conditions(drivers(CGROUPFS, CGROUPFS).build())).isEmpty();
    assertThat(conditions(drivers(SYSTEMD, SYSTEMD).build())).isEmpty();
    assertThat(errors.lines()).isEmpty();
  }

  @Test
  void theMismatchIsLoggedOncePerChangeAndClearedWhenItEnds() {
    Node node = drivers(SYSTEMD, CGROUPFS).build();

    restartWith(node.virtlet, CGROUPFS);
    restartWith(node.virtlet, CGROUPFS);
    assertThat(errors.lines()).as("the same again").hasSize(1);

    restartWith(node.virtlet, SYSTEMD);
    assertThat(conditions(node)).isEmpty();

    restartWith(node.virtlet, CGROUPFS);
    assertThat(errors.lines()).as("a new change").hasSize(2);
  }

  @Test
  void driversAreComparedAgainWhenThePrimaryReturns() {
    Node node = drivers(SYSTEMD, SYSTEMD).build();

    restartWith(node.containerd, CGROUPFS);

    assertThat(conditions(node)).hasSize(1);
    assertThat(errors.lines()).singleElement().asString().contains("configure cgroupfs");
  }

  @Test
  void driversAreComparedWhenALatePrimaryIsReady() {
    Node node = drivers(SYSTEMD, CGROUPFS).build();
    node.containerd.down();
    node.virtlet.down();
    node.virtlet.up();
    assertThat(errors.lines()).hasSize(1);

    node.containerd.up();

    assertThat(conditions(node)).hasSize(1);
  }

  @Test
  void runtimesWithoutRuntimeConfigAreIgnored() {
    Node node = drivers(SYSTEMD, CGROUPFS).build();

    node.containerd.down();
    node.containerd.failAlways("RuntimeConfig", UNIMPLEMENTED);
    node.containerd.up();
    assertThat(conditions(node)).as("an old primary").isEmpty();

    node.virtlet.down();
    node.virtlet.failAlways("RuntimeConfig", UNIMPLEMENTED);
    node.virtlet.up();
    assertThat(conditions(node)).as("an old secondary too").isEmpty();
    assertThat(errors.lines()).hasSize(1);
  }

  @Test
  void aResponseWithoutLinuxIsIgnored() {
    Node node = drivers(CGROUPFS, CGROUPFS).build();
    node.virtlet.down();
    node.virtlet.respondWithBytes("RuntimeConfig", ByteString.EMPTY);
    node.virtlet.up();

    assertThat(conditions(node)).isEmpty();
    assertThat(errors.lines()).isEmpty();
  }

  @Test
  void aRuntimeThatHangsInRuntimeConfigIsReady() {
    Node node = drivers(SYSTEMD, SYSTEMD).build();
    node.virtlet.down();
    node.virtlet.hang("RuntimeConfig");
    node.virtlet.up();
    node.clock.advance(Duration.ofSeconds(6));

    assertThat(node.runOnVirtlet("a")).startsWith("virt__");
    assertThat(conditions(node)).isEmpty();
  }
}
