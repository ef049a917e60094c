package io.jcompose.api.build;

import io.jcompose.api.text.JsonText;
import io.jcompose.core.build.BuildSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Builds as {@code docker buildx bake} takes them, JSON; no secret's value is in it. Stateless. */
final class BakeText {
  private static final String TARGET = "target:";

  private BakeText() {}

  static String of(List<BuildSpec> specs) {
    Map<String, Object> targets = new TreeMap<>();
    specs.forEach(spec -> targets.put(name(spec.name()), target(spec)));
    Map<String, Object> whole = new LinkedHashMap<>();
    List<String> names = List.copyOf(targets.keySet());
    whole.put("group", Map.of("default", Map.of("targets", names)));
    whole.put("target", targets);
    return JsonText.pretty(whole).lines().map(BakeText::narrow).collect(Collectors.joining("\n"));
  }

  /** Two blanks a level. */
  private static String narrow(String line) {
    String text = line.stripLeading();
    return " ".repeat((line.length() - text.length()) / 2) + text;
  }

  private static Map<String, String> contexts(BuildSpec spec) {
    Map<String, String> contexts = new TreeMap<>(spec.contexts());
    contexts.replaceAll(
        (key, place) ->
            place.startsWith(TARGET) ? TARGET + name(place.substring(TARGET.length())) : place);
    return contexts;
  }

  /** Bake's names have no dots. */
  private static String name(String service) {
    return service.replace('.', '_');
  }

  /** In the order of Docker Compose's {@code build --print}. */
  private static Map<String, Object> target(BuildSpec spec) {
    Map<String, Object> members = new LinkedHashMap<>();
    put(members, "context", spec.context());
    put(members, "contexts", contexts(spec));
    put(members, "dockerfile", dockerfile(spec));
    put(members, "dockerfile-inline", spec.dockerfileText());
    put(members, "args", new TreeMap<>(spec.args()));
    put(members, "labels", new TreeMap<>(spec.labels()));
    put(members, "tags", spec.tags());
    put(members, "cache-from", spec.cache().from().stream().map(at -> at.text(false)).toList());
    put(members, "cache-to", spec.cache().to().stream().map(at -> at.text(true)).toList());
    put(members, "target", spec.target());
    put(members, "secret", spec.secrets().stream().map(BakeText::secret).toList());
    put(members, "ssh", keys(spec));
    put(members, "platforms", spec.platform().isEmpty() ? null : List.of(spec.platform()));
    put(members, "pull", spec.cache().pull() ? true : null);
    put(members, "no-cache", spec.cache().disabled() ? true : null);
    put(members, "no-cache-filter", spec.cache().disabledStages());
    putSteps(members, spec.steps());
    put(members, "output", List.of("type=docker"));
    return members;
  }

  private static void putSteps(Map<String, Object> members, BuildSpec.Steps steps) {
    put(members, "network", steps.network());
    long shm = steps.shmSizeBytes();
    put(members, "shm-size", shm == 0 ? null : String.valueOf(shm));
    put(members, "ulimits", limits(steps));
    put(members, "entitlements", steps.entitlements());
    put(members, "extra-hosts", new TreeMap<>(BuildWords.labels(steps.extraHosts())));
  }

  /** Absolute where its folder is. */
  private static String dockerfile(BuildSpec spec) {
    boolean local = spec.context().startsWith("/") && !spec.dockerfile().isEmpty();
    return local
        ? Path.of(spec.context()).resolve(spec.dockerfile()).normalize().toString()
        : spec.dockerfile();
  }

  private static void put(Map<String, Object> members, String key, @Nullable Object value) {
    boolean empty =
        value == null
            || "".equals(value)
            || (value instanceof List<?> list && list.isEmpty())
            || (value instanceof Map<?, ?> map && map.isEmpty());
    if (value != null && !empty) {
      members.put(key, value);
    }
  }

  private static String secret(BuildSpec.Secret secret) {
    return secret.source() == null
        ? "id=" + secret.id() + ",type=env"
        : "id=" + secret.id() + ",type=file,src=" + secret.source();
  }

  private static List<String> keys(BuildSpec spec) {
    List<String> keys = new ArrayList<>();
    new TreeMap<>(spec.ssh()).forEach((id, path) -> keys.add(id + "=" + path));
    return keys;
  }

  private static List<String> limits(BuildSpec.Steps steps) {
    List<String> limits = new ArrayList<>();
    new TreeMap<>(steps.ulimits())
        .forEach((name, limit) -> limits.add(name + "=" + limit.soft() + ":" + limit.hard()));
    return limits;
  }
}
