package io.jcompose.compose;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What {@code config} was asked for.
 *
 * @param load the project, with the services that were named; its options are replaced by those
 *     that the flags mean
 * @param flags by their long names without dashes ({@code no-interpolate})
 * @param values of {@code format}, {@code hash} and {@code explain}
 */
public record ConfigQuery(LoadRequest load, Set<String> flags, Map<String, String> values) {
  /** The flags that have a meaning here. */
  public static final List<String> FLAGS =
      List.of(
          "environment",
          "images",
          "lint",
          "lock-image-digests",
          "models",
          "networks",
          "no-consistency",
          "no-env-resolution",
          "no-interpolate",
          "no-normalize",
          "no-path-resolution",
          "profiles",
          "quiet",
          "resolve-image-digests",
          "services",
          "variables",
          "volumes");

  /** The options with a value that have a meaning here. */
  public static final List<String> VALUES = List.of("explain", "format", "hash");

  public ConfigQuery {
    flags = Set.copyOf(flags);
    values = Map.copyOf(values);
  }

  boolean has(String flag) {
    return flags.contains(flag);
  }

  String value(String option) {
    return values.getOrDefault(option, "");
  }

  /** The load with the options that the flags mean. */
  LoadRequest request() {
    boolean interpolate = !has("no-interpolate") && !has("variables");
    LoadRequest.Options options =
        has("variables")
            ? new LoadRequest.Options(false, false, false, false, false, true)
            : new LoadRequest.Options(
                interpolate,
                !has("no-normalize"),
                !has("no-path-resolution"),
                !has("no-env-resolution"),
                !has("no-consistency"),
                !interpolate);
    // What is not interpolated is shown whole.
    List<String> profiles = interpolate ? load.profiles() : List.of("*");
    return load.with().profiles(profiles).options(options).build();
  }
}
