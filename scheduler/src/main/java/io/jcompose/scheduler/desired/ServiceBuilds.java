package io.jcompose.scheduler.desired;

import io.jcompose.compose.Problem;
import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.model.Build;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.scheduler.BuildOptions;
import io.jcompose.scheduler.Labels;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The services of a project that have a {@code build} section, and what is to be built for them.
 * Nothing of it is kept in a state file: it may hold secrets. Immutable.
 */
public final class ServiceBuilds {
  /** Of a project without any. */
  public static final ServiceBuilds NONE = new ServiceBuilds(null);

  private static final String TARGET = "target:";

  private final @Nullable Project project;

  private ServiceBuilds(@Nullable Project project) {
    this.project = project;
  }

  public static ServiceBuilds of(Project project) {
    return new ServiceBuilds(project);
  }

  /** Whether the service's image can be built. */
  public boolean isBuilt(String service) {
    return build(service) != null;
  }

  /** Whether the service's image has a name of its own, by which a registry may have it. */
  public boolean isNamed(String service) {
    Service found = find(service);
    return found == null || !found.source().image().isEmpty();
  }

  /**
   * What is to be built for these services, and for those whose images they start from. What
   * several say in the same words is built once and gets all of their names; its name is that of
   * the first.
   *
   * @param services those that are not built are passed over
   * @throws JcomposeException.InvalidArgument naming everything that cannot be said in the engine's
   *     words, and two different builds of one name
   */
  public List<BuildSpec> specs(Collection<String> services, BuildOptions options) {
    Project all = project;
    if (all == null) {
      return List.of();
    }
    BuildSpecs specs = new BuildSpecs(all, options);
    Map<String, BuildSpec> byService = new LinkedHashMap<>();
    Deque<String> open = new ArrayDeque<>(services);
    while (!open.isEmpty()) {
      String name = open.removeFirst();
      Service service = find(name);
      Build build = build(name);
      if (service != null && build != null && !byService.containsKey(name)) {
        byService.put(name, specs.of(service, build));
        open.addAll(BuildSpecs.services(build));
      }
    }
    List<BuildSpec> merged = merged(byService);
    List<Problem> problems = new ArrayList<>(specs.problems());
    problems.addAll(clashes(all, merged));
    problems.addAll(circles(all, merged));
    if (!problems.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          problems.stream().map(Problem::toString).distinct().collect(Collectors.joining("\n")));
    }
    return merged;
  }

  /** What is left out of these services' builds, as sentences with their places; mostly empty. */
  public List<String> warnings(Collection<String> services) {
    List<String> found = new ArrayList<>();
    for (String name : services) {
      Build build = build(name);
      if (build != null) {
        warn(found, name, "provenance", isOn(build.provenance()));
        warn(found, name, "sbom", isOn(build.sbom()));
      }
    }
    return found;
  }

  private void warn(List<String> found, String service, String attribute, boolean applies) {
    Project all = project;
    if (applies && all != null) {
      String path = "services." + service + ".build." + attribute;
      found.add(new Problem(all.positions().of(path), path, "not carried out").toString());
    }
  }

  private static boolean isOn(String attestation) {
    return !Set.of("", "false").contains(attestation);
  }

  /** Those that differ in nothing but their names become one; until none does. */
  private static List<BuildSpec> merged(Map<String, BuildSpec> byService) {
    List<BuildSpec> all = List.copyOf(byService.values());
    int before;
    do {
      before = all.size();
      Map<String, String> names = new HashMap<>();
      Map<BuildSpec, BuildSpec> byKey = new LinkedHashMap<>();
      for (BuildSpec spec : all) {
        BuildSpec one = byKey.merge(key(spec), spec, ServiceBuilds::and);
        names.put(spec.name(), one.name());
      }
      all = byKey.values().stream().map(spec -> renamed(spec, names)).toList();
    } while (all.size() < before);
    return all;
  }

  private static BuildSpec key(BuildSpec spec) {
    Map<String, String> labels = new HashMap<>(spec.labels());
    labels.remove(Labels.SERVICE);
    return spec.with().name("").tags(List.of()).labels(labels).build();
  }

  private static BuildSpec and(BuildSpec first, BuildSpec other) {
    Set<String> tags = new LinkedHashSet<>(first.tags());
    tags.addAll(other.tags());
    return first.withTags(List.copyOf(tags));
  }

  private static BuildSpec renamed(BuildSpec spec, Map<String, String> names) {
    Map<String, String> contexts = new LinkedHashMap<>(spec.contexts());
    contexts.replaceAll(
        (key, context) ->
            context.startsWith(TARGET)
                ? TARGET + names.getOrDefault(name(context), name(context))
                : context);
    return spec.withContexts(contexts);
  }

  private static String name(String target) {
    return target.substring(TARGET.length());
  }

  private static List<Problem> clashes(Project project, List<BuildSpec> specs) {
    List<Problem> found = new ArrayList<>();
    Map<String, BuildSpec> owners = new HashMap<>();
    for (BuildSpec spec : specs) {
      for (String tag : spec.tags()) {
        BuildSpec owner = owners.putIfAbsent(ImageNames.full(tag), spec);
        if (owner != null && !owner.equals(spec)) {
          found.add(clash(project, tag, owner.name(), spec.name()));
        }
      }
    }
    return found;
  }

  private static Problem clash(Project project, String tag, String first, String second) {
    String other = "services." + first + ".build";
    String path = "services." + second + ".build";
    SourcePosition place = project.positions().of(other);
    return new Problem(
        project.positions().of(path),
        path,
        "builds "
            + tag
            + " in another way than "
            + other
            + (place == null ? "" : " (" + place + ")")
            + ": give the services different images, or the same build");
  }

  /** A build that starts from its own result, by way of others. */
  private static List<Problem> circles(Project project, List<BuildSpec> specs) {
    Map<String, BuildSpec> left = new LinkedHashMap<>();
    specs.forEach(spec -> left.put(spec.name(), spec));
    boolean fewer = true;
    while (fewer) {
      fewer = left.values().removeIf(spec -> sources(spec).noneMatch(left::containsKey));
    }
    return left.keySet().stream()
        .map(
            name -> {
              String path = "services." + name + ".build.additional_contexts";
              String why = "starts from its own image: " + String.join(", ", left.keySet());
              return new Problem(project.positions().of(path), path, why);
            })
        .toList();
  }

  private static Stream<String> sources(BuildSpec spec) {
    return spec.contexts().values().stream()
        .filter(context -> context.startsWith(TARGET))
        .map(ServiceBuilds::name);
  }

  private @Nullable Build build(String service) {
    Service found = find(service);
    return found == null ? null : found.source().build();
  }

  /** Also of a profile that is not active: another one's build may start from it. */
  private @Nullable Service find(String name) {
    Project all = project;
    if (all == null) {
      return null;
    }
    Service active = all.services().get(name);
    return active == null ? all.disabledServices().get(name) : active;
  }
}
