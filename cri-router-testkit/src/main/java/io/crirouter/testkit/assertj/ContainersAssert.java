package io.crirouter.testkit.assertj;

import com.google.errorprone.annotations.CanIgnoreReturnValue;
import io.crirouter.proto.v1.Container;
import io.crirouter.proto.v1.ContainerState;
import java.util.List;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ListAssert;

/** List assertions, and those specific to containers. */
public final class ContainersAssert extends ListAssert<Container> {
  ContainersAssert(List<Container> actual) {
    super(actual);
  }

  /** There are containers with exactly these names, in any order. */
  @CanIgnoreReturnValue
  public ContainersAssert areNamed(String... names) {
    extracting(container -> container.getMetadata().getName()).containsExactlyInAnyOrder(names);
    return this;
  }

  /** All of them are in {@code state}. */
  @CanIgnoreReturnValue
  public ContainersAssert areIn(ContainerState state) {
    allSatisfy(
        container ->
            Assertions.assertThat(container.getState())
                .as("state of container %s", container.getMetadata().getName())
                .isEqualTo(state));
    return this;
  }
}
