package io.jcompose.api.build;

import io.jcompose.api.text.JsonText;
import io.jcompose.core.BuildSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Builds as {@code docker buildx bake} takes them, JSON; no secret's value is in it. Stateless. */
final class BakeText {
  private BakeText() {}

  static String of(List<BuildSpec> specs) {
    Map<String, Object> targets = new LinkedHashMap<>();
    specs.forEach(spec -> targets.put(name(spec.name()), target(spec)));
    Map<String, Object> whole = new LinkedHashMap<>();
    List<String> names = specs.stream().map(spec -> name(spec.name())).toList();
    whole.put("group", Map.of("default", Map.of("targets", names)));
    whole.put("target", targets);
    return JsonText.pretty(whole);
  }

  /** Bake's names have no dots. */
  private static String name(String service) {
    return service.replace('.', '_');
  }

  private static Map<String, Object> target(BuildSpec spec) {
    Map<String, Object> members = new LinkedHashMap<>();
    put(members, "context", spec.context());
    put(members, "contexts", new TreeMap<>(spec.contexts()));
    put(members, "dockerfile", spec.dockerfile());
    put(members, "dockerfile-inline", spec.dockerfileText());
    put(members, "args", new TreeMap<>(spec.args()));
    put(members, "labels", new TreeMap<>(spec.labels()));
    put(members, "tags", spec.tags());
    put(members, "secret", spec.secrets().stream().map(BakeText::secret).toList());
    put(members, "ssh", keys(spec));
    put(members, "platforms", spec.platform().isEmpty() ? null : List.of(spec.platform()));
    put(members, "target", spec.target());
    put(members, "network", spec.steps().network());
    put(members, "extra-hosts", hosts(spec));
    put(members, "entitlements", spec.steps().entitlements());
    long shm = spec.steps().shmSizeBytes();
    put(members, "shm-size", shm == 0 ? null : String.valueOf(shm));
    put(members, "ulimits", limits(spec));
    put(members, "no-cache", spec.cache().disabled() ? true : null);
    put(members, "no-cache-filter", spec.cache().disabledStages());
    put(members, "pull", spec.cache().pull() ? true : null);
    put(members, "output", List.of("type=docker"));
    return members;
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

  private static Map<String, String> hosts(BuildSpec spec) {
    return new TreeMap<>(BuildWords.labels(spec.steps().extraHosts()));
  }

  private static List<String> limits(BuildSpec spec) {
    List<String> limits = new ArrayList<>();
    new TreeMap<>(spec.steps().ulimits())
        .forEach((name, limit) -> limits.add(name + "=" + limit.soft() + ":" + limit.hard()));
    return limits;
  }
}
