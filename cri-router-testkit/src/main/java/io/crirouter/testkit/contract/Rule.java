package io.crirouter.testkit.contract;

import static java.util.stream.Collectors.joining;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.opentest4j.AssertionFailedError;

/**
 * One rule of {@link RuntimeContract}.
 *
 * @param name the rule as a phrase
 * @param needs the features without which the rule does not apply
 * @param body checks the rule
 */
record Rule(String name, Set<Feature> needs, Body body) {
  /** Makes calls and checks the responses. */
  interface Body {
    void check(RuleCalls calls) throws Exception;
  }

  /** Collects the rules of one area. */
  static final class Area {
    private final List<Rule> rules = new ArrayList<>();

    List<Rule> rules() {
      return List.copyOf(rules);
    }

    void add(String name, Body body, Feature... needs) {
      Set<Feature> set = EnumSet.noneOf(Feature.class);
      set.addAll(List.of(needs));
      rules.add(new Rule(name, set, body));
    }
  }

  /** All rules by area. */
  static Map<String, List<Rule>> all() {
    Map<String, List<Rule>> areas = new LinkedHashMap<>();
    areas.put("the runtime itself", NodeRules.all());
    areas.put("images", ImageRules.all());
    areas.put("pod sandboxes", PodRules.all());
    areas.put("lists of pod sandboxes", PodListRules.all());
    areas.put("containers", ContainerRules.all());
    areas.put("ends of containers", ContainerEndRules.all());
    areas.put("lists of containers", ContainerListRules.all());
    areas.put("exec, attach, port-forward", ExecRules.all());
    areas.put("logs", LogRules.all());
    areas.put("stats and metrics", StatsRules.all());
    areas.put("events", EventRules.all());
    areas.put("streamed lists", ListStreamRules.all());
    areas.put("concurrent calls", ConcurrencyRules.all());
    return areas;
  }

  /** The rules that need {@code feature} and no other feature that is lacking. */
  static List<Rule> thatNeed(Feature feature, Set<Feature> lacks) {
    Set<Feature> others = EnumSet.noneOf(Feature.class);
    others.addAll(lacks);
    others.remove(feature);
    return all().values().stream()
        .flatMap(List::stream)
        .filter(rule -> rule.needs.contains(feature) && rule.appliesWithout(others))
        .toList();
  }

  /**
   * The failure with the name of the rule, because build tools show only numbers of dynamic tests.
   */
  AssertionError broken(AssertionError why) {
    String text = "rule '" + name + "': " + why.getMessage() + hint();
    return why instanceof AssertionFailedError failed && failed.isExpectedDefined()
        ? new AssertionFailedError(text, failed.getExpected(), failed.getActual(), failed)
        : new AssertionError(text, why);
  }

  private String hint() {
    return needs.isEmpty()
        ? ""
        : " (if the runtime does not support this, declare that it lacks "
            + needs.stream().map(Feature::name).collect(joining(" or "))
            + ")";
  }

  boolean appliesWithout(Set<Feature> lacking) {
    return needs.stream().noneMatch(lacking::contains);
  }

  @Override
  public String toString() {
    return name;
  }
}
