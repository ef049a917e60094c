package io.jcompose.compose.config;

import io.jcompose.compose.model.Project;
import io.jcompose.compose.tree.JsonText;
import io.jcompose.core.JcomposeException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What {@code config} prints of a project. Texts end with a line feed, but JSON does not, as with
 * Docker Compose. Stateless.
 */
public final class ConfigWriter {
  /** The canonical project as YAML. {@code services} limits it to those; empty is all. */
  public String yaml(Project project, List<String> services, boolean escapeDollars) {
    return yaml(only(project, services), escapeDollars);
  }

  public String yaml(Map<String, Object> tree, boolean escapeDollars) {
    return YamlText.of(escapeDollars ? escaped(withoutEmpty(tree)) : tree);
  }

  /** Go's YAML leaves out what its JSON always prints. */
  private static Map<String, Object> withoutEmpty(Map<String, Object> tree) {
    Map<String, Object> copy = new LinkedHashMap<>(tree);
    copy.computeIfPresent("services", (key, value) -> each(value, ConfigWriter::service));
    copy.computeIfPresent(
        "networks", (key, value) -> each(value, network -> drop(network, "ipam")));
    return copy;
  }

  private static Map<String, Object> each(
      Object section, UnaryOperator<Map<String, Object>> change) {
    Map<String, Object> all = new TreeMap<>();
    CanonicalTree.cast(section)
        .forEach((key, value) -> all.put(key, change.apply(CanonicalTree.cast(value))));
    return all;
  }

  private static Map<String, Object> service(Map<String, Object> service) {
    Map<String, Object> copy = drop(service, "command", "entrypoint");
    copy.computeIfPresent(
        "deploy", (key, value) -> drop(CanonicalTree.cast(value), "resources", "placement"));
    copy.computeIfPresent("develop", (key, value) -> develop(CanonicalTree.cast(value)));
    limits(copy);
    if (copy.get("build") instanceof Map<?, ?> build) {
      Map<String, Object> changed = new LinkedHashMap<>(CanonicalTree.cast(build));
      limits(changed);
      copy.put("build", changed);
    }
    return copy;
  }

  /** Of a limit YAML has both numbers, JSON those that are not 0. */
  private static void limits(Map<String, Object> owner) {
    owner.computeIfPresent(
        "ulimits",
        (key, value) -> {
          Map<String, Object> all = new TreeMap<>(CanonicalTree.cast(value));
          all.replaceAll((name, limit) -> limit instanceof Map<?, ?> pair ? limit(pair) : limit);
          return all;
        });
  }

  private static Map<String, Object> limit(Map<?, ?> given) {
    Map<String, Object> limit = CanonicalTree.cast(given);
    Map<String, Object> both = new LinkedHashMap<>();
    both.put("soft", limit.getOrDefault("soft", 0L));
    both.put("hard", limit.getOrDefault("hard", 0L));
    limit.forEach(both::putIfAbsent);
    return both;
  }

  private static Map<String, Object> develop(Map<String, Object> develop) {
    Map<String, Object> copy = new LinkedHashMap<>(develop);
    if (develop.get("watch") instanceof List<?> rules) {
      List<Object> changed = new ArrayList<>();
      for (Object rule : rules) {
        Map<String, Object> object = CanonicalTree.cast(rule);
        boolean command = CanonicalTree.cast(object.get("exec")).get("command") != null;
        Map<String, Object> kept = new LinkedHashMap<>(object);
        if (!command) {
          kept.remove("exec");
        }
        changed.add(kept);
      }
      copy.put("watch", changed);
    }
    return copy;
  }

  private static Map<String, Object> drop(Map<String, Object> object, String... keys) {
    Map<String, Object> copy = new LinkedHashMap<>(object);
    for (String key : keys) {
      Object value = copy.get(key);
      if (value == null || (value instanceof Map<?, ?> map && map.isEmpty())) {
        copy.remove(key);
      }
    }
    return copy;
  }

  /** The canonical project as JSON, top-level keys sorted. */
  public String json(Project project, List<String> services, boolean escapeDollars) {
    return json(only(project, services), escapeDollars);
  }

  public String json(Map<String, Object> whole, boolean escapeDollars) {
    if (!escapeDollars) {
      return JsonText.indented(whole); // no Go struct is made of it
    }
    Map<String, Object> tree = new LinkedHashMap<>(whole);
    tree.computeIfPresent("services", (key, value) -> each(value, CanonicalTree::goJson));
    return JsonText.indented(new TreeMap<>(CanonicalTree.cast(escaped(tree))));
  }

  /** The tree with each service's image pinned to its digest. */
  public Map<String, Object> pinned(Map<String, Object> tree, UnaryOperator<String> digests) {
    Map<String, Object> copy = new LinkedHashMap<>(tree);
    copy.computeIfPresent(
        "services",
        (key, value) ->
            each(
                value,
                service -> {
                  Map<String, Object> pinned = new LinkedHashMap<>(service);
                  pinned.computeIfPresent("image", (k, image) -> digests.apply(image.toString()));
                  return pinned;
                }));
    return copy;
  }

  /** A file that overrides nothing but the images, with their digests. */
  public Map<String, Object> locked(
      Project project, List<String> services, UnaryOperator<String> digests) {
    Map<String, Object> locked = new TreeMap<>();
    CanonicalTree.section(only(project, services), "services")
        .forEach(
            (name, service) -> {
              Object image = CanonicalTree.cast(service).get("image");
              if (image != null) {
                locked.put(name, Map.of("image", digests.apply(image.toString())));
              }
            });
    return Map.of("services", locked);
  }

  /** Throws NotFound for a service that the project does not have, or no active profile holds. */
  public void requireService(Project project, String service) {
    if (!CanonicalTree.section(project.canonical().tree(), "services").containsKey(service)) {
      String why = project.disabledServices().containsKey(service) ? ": disabled" : "";
      throw new JcomposeException.NotFound("no such service: " + service + why);
    }
  }

  public Map<String, Object> only(Project project, List<String> services) {
    Map<String, Object> tree = project.canonical().tree();
    if (services.isEmpty()) {
      return tree;
    }
    Map<String, Object> all = CanonicalTree.section(tree, "services");
    Set<String> wanted = new TreeSet<>();
    services.forEach(
        service -> {
          requireService(project, service);
          collect(all, service, wanted);
        });
    Map<String, Object> kept = new TreeMap<>(all);
    kept.keySet().retainAll(wanted);
    Map<String, Object> copy = new LinkedHashMap<>(tree);
    copy.put("services", kept);
    for (String section : List.of("networks", "volumes", "configs", "secrets", "models")) {
      Map<String, Object> resources = new TreeMap<>(CanonicalTree.section(tree, section));
      resources.keySet().retainAll(used(kept, section));
      copy.computeIfPresent(section, (key, old) -> resources.isEmpty() ? null : resources);
    }
    return copy;
  }

  private static void collect(Map<String, Object> all, String name, Set<String> wanted) {
    Deque<String> open = new ArrayDeque<>(List.of(name));
    while (!open.isEmpty()) {
      String next = open.pop();
      if (all.containsKey(next) && wanted.add(next)) {
        open.addAll(CanonicalTree.section(CanonicalTree.section(all, next), "depends_on").keySet());
      }
    }
  }

  private static Set<String> used(Map<String, Object> services, String section) {
    Set<String> names = new LinkedHashSet<>();
    for (Object service : services.values()) {
      Object uses = CanonicalTree.cast(service).get(section);
      names.addAll(CanonicalTree.cast(uses).keySet());
      if (uses instanceof List<?> list) {
        list.forEach(item -> names.add(String.valueOf(CanonicalTree.cast(item).get("source"))));
      }
    }
    return names;
  }

  private static @Nullable Object escaped(@Nullable Object value) {
    return switch (value) {
      case String text -> text.replace("$", "$$");
      case List<?> list -> {
        List<@Nullable Object> copy = new ArrayList<>(list.size());
        list.forEach(item -> copy.add(escaped(item)));
        yield copy;
      }
      case Map<?, ?> map -> {
        Map<String, @Nullable Object> copy =
            map instanceof TreeMap ? new TreeMap<>() : LinkedHashMap.newLinkedHashMap(map.size());
        map.forEach((key, item) -> copy.put(String.valueOf(key), escaped(item)));
        yield copy;
      }
      case null, default -> value;
    };
  }

  /**
   * The keys of a section ({@code services}, {@code volumes}, {@code networks}, {@code models}).
   */
  public String names(Project project, String section) {
    return lines(
        new TreeSet<>(CanonicalTree.section(project.canonical().tree(), section).keySet()));
  }

  /** What the models are, one a line. */
  public String models(Project project) {
    Set<String> models = new TreeSet<>();
    CanonicalTree.section(project.canonical().tree(), "models")
        .values()
        .forEach(model -> models.add(String.valueOf(CanonicalTree.cast(model).get("model"))));
    return lines(models);
  }

  /** The images of the services, and what they depend on, also those that a build will name. */
  public String images(Project project, List<String> services) {
    List<String> images = new ArrayList<>();
    CanonicalTree.section(only(project, services), "services")
        .forEach(
            (name, service) -> {
              Object image = CanonicalTree.cast(service).get("image");
              String built = project.name() + (project.hasUnderscores() ? "_" : "-") + name;
              images.add(image == null ? built : image.toString());
            });
    return lines(images);
  }

  /** All profiles of all services, also of the disabled ones. */
  public String profiles(Project project) {
    Set<String> profiles = new TreeSet<>();
    CanonicalTree.section(project.canonical().tree(), "services")
        .values()
        .forEach(
            service -> {
              if (CanonicalTree.cast(service).get("profiles") instanceof List<?> own) {
                own.forEach(profile -> profiles.add(String.valueOf(profile)));
              }
            });
    project.disabledServices().values().forEach(service -> profiles.addAll(service.profiles()));
    return lines(profiles);
  }

  /**
   * {@code name hash} of the services.
   *
   * @param services {@code *} or names separated by commas
   */
  public String hashes(Project project, String services) {
    List<String> lines = new ArrayList<>();
    Set<String> names =
        services.equals("*")
            ? new TreeSet<>(CanonicalTree.section(project.canonical().tree(), "services").keySet())
            : new TreeSet<>(List.of(services.split(",")));
    for (String name : names) {
      requireService(project, name);
      lines.add(name + " " + project.configHash(name));
    }
    return lines(lines);
  }

  /** What interpolation saw, sorted. */
  public String environment(Project project) {
    List<String> lines = new ArrayList<>();
    new TreeMap<>(project.environment()).forEach((key, value) -> lines.add(key + "=" + value));
    return lines(lines);
  }

  private static String lines(Iterable<String> lines) {
    StringBuilder out = new StringBuilder();
    lines.forEach(line -> out.append(line).append('\n'));
    return out.toString();
  }
}
