package io.jcompose.compose.load;

import io.jcompose.compose.model.Dependency;
import io.jcompose.compose.model.Service;
import io.jcompose.compose.tree.GoText;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Values;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads how a service starts, ends and comes back. */
final class LifecycleReader {
  private final Problems problems;
  private final SectionReader sections;

  LifecycleReader(SectionReader sections, Problems problems) {
    this.sections = sections;
    this.problems = problems;
  }

  Service.Lifecycle lifecycle(String name, Values v, @Nullable Values deploy) {
    Map<String, Dependency> dependencies = new LinkedHashMap<>();
    v.children("depends_on")
        .forEach(
            (other, values) ->
                dependencies.put(
                    other,
                    new Dependency(
                        condition(values.text("condition")),
                        values.bool("restart"),
                        values.bool("required"))));
    return new Service.Lifecycle(
        restart(name, v, deploy == null ? null : deploy.child("restart_policy")),
        v.text("stop_signal"),
        v.duration("stop_grace_period"),
        SectionReader.healthcheck(v.child("healthcheck")),
        dependencies,
        v.items("pre_start").stream().map(sections::hook).toList(),
        v.items("post_start").stream().map(sections::hook).toList(),
        v.items("pre_stop").stream().map(sections::hook).toList());
  }

  private static Dependency.Condition condition(String word) {
    for (Dependency.Condition condition : Dependency.Condition.values()) {
      if (condition.word().equals(word)) {
        return condition;
      }
    }
    return Dependency.Condition.STARTED;
  }

  private RestartPolicy restart(String name, Values v, @Nullable Values policy) {
    if (policy == null) {
      return restart(name, v);
    }
    Integer attempts = policy.optionalInt("max_attempts");
    String condition = policy.text("condition");
    return switch (condition) {
      case "none", "no" -> RestartPolicy.NO;
      case "on-failure" ->
          new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, attempts == null ? 0 : attempts);
      case "unless-stopped" -> new RestartPolicy(RestartPolicy.Kind.UNLESS_STOPPED, 0);
      case "any", "always" -> new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0);
      case "" -> withoutCondition(name, v, policy);
      default -> {
        problems.refuse(
            name,
            policy.map().get("condition"),
            "services." + name + ".deploy.restart_policy.condition",
            "invalid restart policy: unknown policy '"
                + condition
                + "'; use one of 'none', 'on-failure' or 'any'"
                + Problems.suggestion(condition, List.of("none", "on-failure", "any")));
        yield RestartPolicy.NO;
      }
    };
  }

  /**
   * A policy that does not say when leaves that to {@code restart}, and is for any end without it:
   * the specification's default, where Docker Compose makes {@code no} of it.
   */
  private RestartPolicy withoutCondition(String name, Values v, Values policy) {
    if (v.has("restart")) {
      return restart(name, v);
    }
    problems.warn(
        policy.map().position,
        "services." + name + ".deploy.restart_policy",
        "no condition is given, so it is `any`; Docker Compose restarts nothing then: write one");
    return new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0);
  }

  private RestartPolicy restart(String name, Values v) {
    String text = v.text("restart");
    int colon = text.indexOf(':');
    String word = colon < 0 ? text : text.substring(0, colon);
    Object count = colon < 0 ? Long.valueOf(0) : GoText.integer(text.substring(colon + 1));
    RestartPolicy.Kind kind =
        switch (word) {
          case "", "no" -> RestartPolicy.Kind.NO;
          case "always" -> RestartPolicy.Kind.ALWAYS;
          case "on-failure" -> RestartPolicy.Kind.ON_FAILURE;
          case "unless-stopped" -> RestartPolicy.Kind.UNLESS_STOPPED;
          default -> null;
        };
    boolean counted = colon < 0 || kind == RestartPolicy.Kind.ON_FAILURE;
    if (kind == null || !counted || !(count instanceof Long retries) || retries < 0) {
      String why =
          kind == null
              ? "unknown policy '"
                  + text
                  + "'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
                  + Problems.suggestion(
                      word, List.of("no", "always", "on-failure", "unless-stopped"))
              : counted
                  ? "the maximum retry count is no number of 0 or more: " + text
                  : "maximum retry count can only be used with 'on-failure'";
      problems.refuse(
          name,
          v.map().get("restart"),
          "services." + name + ".restart",
          "invalid restart policy: " + why);
      return RestartPolicy.NO;
    }
    return new RestartPolicy(kind, retries.intValue());
  }
}
