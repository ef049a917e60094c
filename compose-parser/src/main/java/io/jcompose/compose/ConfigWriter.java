package io.jcompose.compose;

import java.util.ArrayList;
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
    Map<String, Object> tree = withoutEmpty(only(project, services));
    return YamlText.of(escapeDollars ? escaped(tree) : tree);
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
    return copy;
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
    Map<String, Object> tree = new LinkedHashMap<>(only(project, services));
    tree.computeIfPresent("services", (key, value) -> each(value, CanonicalTree::goJson));
    return JsonText.indented(
        new TreeMap<>(CanonicalTree.cast(escapeDollars ? escaped(tree) : tree)));
  }

  private static Map<String, Object> only(Project project, List<String> services) {
    Map<String, Object> tree = project.canonical().tree();
    if (services.isEmpty()) {
      return tree;
    }
    Map<String, Object> all = CanonicalTree.section(tree, "services");
    Set<String> wanted = new TreeSet<>();
    services.forEach(
        service -> {
          project.service(service);
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
    if (all.containsKey(name) && wanted.add(name)) {
      CanonicalTree.section(CanonicalTree.section(all, name), "depends_on")
          .keySet()
          .forEach(other -> collect(all, other, wanted));
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

  /** The images of the services, also those that a build will name. */
  public String images(Project project) {
    List<String> images = new ArrayList<>();
    new TreeMap<>(project.services())
        .forEach(
            (name, service) -> {
              String image = service.source().image();
              images.add(image.isEmpty() ? project.name() + "-" + name : image);
            });
    return lines(images);
  }

  /** All profiles of all services, also of the disabled ones. */
  public String profiles(Project project) {
    Set<String> profiles = new TreeSet<>();
    project.services().values().forEach(service -> profiles.addAll(service.profiles()));
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
            ? new TreeSet<>(project.services().keySet())
            : new TreeSet<>(List.of(services.split(",")));
    for (String name : names) {
      lines.add(project.service(name).name() + " " + project.configHash(name));
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
