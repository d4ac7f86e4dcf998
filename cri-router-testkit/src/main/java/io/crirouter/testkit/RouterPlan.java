package io.crirouter.testkit;

import static java.util.Objects.requireNonNull;

import io.crirouter.core.BackendOptions;
import io.crirouter.core.CriRouter;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * What a {@link RouterExtension} starts for each test.
 *
 * @param members the primary first
 * @param absent the names of those that do not serve from the start
 * @param configuration applied to the router last
 * @param patience how long what is on its way out may take before it counts as leaked
 */
record RouterPlan(
    List<Member> members,
    Set<String> absent,
    Consumer<CriRouter.Builder> configuration,
    Duration patience) {

  /** One runtime. */
  record Member(String name, BackendOptions options, UnaryOperator<FakeRuntimeBuilder> fake) {
    Member {
      requireNonNull(name, "name");
      requireNonNull(options, "options");
      requireNonNull(fake, "fake");
    }

    FakeRuntime make() {
      return fake.apply(FakeRuntime.named(name)).build();
    }
  }

  /**
   * Copies and checks.
   *
   * @throws IllegalStateException if there is no primary, or no runtime called as an absent one
   */
  RouterPlan {
    members = List.copyOf(members);
    absent = Set.copyOf(absent);
    if (members.isEmpty()) {
      throw new IllegalStateException("a router needs a primary");
    }
    List<String> names = members.stream().map(Member::name).toList();
    if (!names.containsAll(absent)) {
      throw new IllegalStateException("not all of " + absent + " are among " + names);
    }
  }
}
