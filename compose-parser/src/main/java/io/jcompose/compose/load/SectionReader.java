package io.jcompose.compose.load;

import io.jcompose.compose.model.Build;
import io.jcompose.compose.model.Deploy;
import io.jcompose.compose.model.DeviceRequest;
import io.jcompose.compose.model.FileReference;
import io.jcompose.compose.model.Healthcheck;
import io.jcompose.compose.model.Hook;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.Provider;
import io.jcompose.compose.model.WatchRule;
import io.jcompose.compose.tree.Values;
import io.jcompose.core.ContainerSpec.Ulimit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads the larger sections of a service: build, deploy, develop, mounts, hooks. */
public final class SectionReader {
  private final Map<String, String> environment;

  /**
   * @param environment what hooks inherit the variables from that they name without a value
   */
  public SectionReader(Map<String, String> environment) {
    this.environment = environment;
  }

  static @Nullable Healthcheck healthcheck(@Nullable Values v) {
    if (v == null) {
      return null;
    }
    List<String> test = v.texts("test");
    boolean disabled = v.bool("disable") || (!test.isEmpty() && test.getFirst().equals("NONE"));
    return new Healthcheck(
        disabled ? List.of("NONE") : test,
        v.duration("interval"),
        v.duration("timeout"),
        v.duration("start_period"),
        v.duration("start_interval"),
        v.optionalInt("retries"),
        disabled,
        v.extensions());
  }

  static FileReference file(Values v, String folder) {
    String given = v.text("target").isEmpty() ? v.text("source") : v.text("target");
    String target = given.startsWith("/") ? given : folder + given;
    return new FileReference(
        v.text("source"), target, v.text("uid"), v.text("gid"), v.mode("mode"));
  }

  @Nullable Provider provider(@Nullable Values v) {
    if (v == null) {
      return null;
    }
    Map<String, List<String>> options = new LinkedHashMap<>();
    Values given = Values.of(v.map().get("options"), v.map());
    for (String key : given.map().entries.keySet()) {
      List<String> many = given.texts(key);
      options.put(key, many.isEmpty() ? List.of(given.text(key)) : many);
    }
    return new Provider(v.text("type"), options);
  }

  Hook hook(Values v) {
    Map<String, String> variables = new LinkedHashMap<>();
    List<String> unset = new ArrayList<>();
    v.pairs("environment").forEach(variables::put);
    for (String name : v.unset("environment")) {
      String inherited = environment.get(name);
      if (inherited == null) {
        unset.add(name);
      } else {
        variables.put(name, inherited);
      }
    }
    return new Hook(
        v.texts("command"),
        v.text("image"),
        v.text("user"),
        v.bool("privileged"),
        v.text("working_dir"),
        variables,
        unset,
        v.bool("per_replica"));
  }

  WatchRule watch(Values v) {
    WatchRule.Action action =
        switch (v.text("action")) {
          case "restart" -> WatchRule.Action.RESTART;
          case "sync" -> WatchRule.Action.SYNC;
          case "sync+restart" -> WatchRule.Action.SYNC_RESTART;
          case "sync+exec" -> WatchRule.Action.SYNC_EXEC;
          default -> WatchRule.Action.REBUILD;
        };
    Values exec = v.child("exec");
    return new WatchRule(
        v.text("path"),
        action,
        v.text("target"),
        exec == null ? null : hook(exec),
        v.texts("include"),
        v.texts("ignore"),
        v.bool("initial_sync"));
  }

  DeviceRequest device(Values v) {
    return new DeviceRequest(
        v.texts("capabilities"),
        v.text("driver"),
        v.number("count"),
        v.texts("device_ids"),
        v.pairs("options"));
  }

  public MountConfig mount(Values v) {
    String source = v.text("source");
    String target = v.text("target");
    boolean readOnly = v.bool("read_only");
    Values options = Values.of(v.map().get(v.text("type")), v.map());
    return switch (v.text("type")) {
      case "bind" ->
          new MountConfig.Bind(
              source,
              target,
              readOnly,
              // The specification's default, also of Docker Compose 5; 2 makes none with a section.
              !Boolean.FALSE.equals(options.optionalBool("create_host_path")),
              options.text("propagation"),
              options.text("recursive"),
              options.text("selinux"),
              v.text("consistency"));
      case "tmpfs" ->
          new MountConfig.Tmpfs(target, readOnly, options.number("size"), options.mode("mode"));
      case "image" -> new MountConfig.Image(source, target, readOnly, options.text("subpath"));
      case "cluster" -> new MountConfig.Cluster(source, target, readOnly);
      case "npipe" -> new MountConfig.NamedPipe(source, target, readOnly);
      default ->
          new MountConfig.Volume(
              source,
              target,
              readOnly,
              options.bool("nocopy"),
              options.text("subpath"),
              options.pairs("labels"));
    };
  }

  @Nullable Build build(@Nullable Values v) {
    if (v == null) {
      return null;
    }
    Map<String, String> ssh = new LinkedHashMap<>();
    for (String text : v.texts("ssh")) {
      int equals = text.indexOf('=');
      ssh.put(
          equals < 0 ? text : text.substring(0, equals),
          equals < 0 ? "" : text.substring(equals + 1));
    }
    return new Build(
        v.text("context"),
        v.text("dockerfile"),
        v.text("dockerfile_inline"),
        v.text("target"),
        v.pairs("args"),
        v.pairs("labels"),
        v.texts("tags"),
        v.texts("platforms"),
        v.pairs("additional_contexts"),
        new Build.Cache(
            v.texts("cache_from"),
            v.texts("cache_to"),
            v.bool("no_cache"),
            v.texts("no_cache_filter")),
        v.items("secrets").stream()
            .map(
                secret ->
                    new FileReference(
                        secret.text("source"),
                        secret.text("target"),
                        secret.text("uid"),
                        secret.text("gid"),
                        secret.mode("mode")))
            .toList(),
        ssh,
        v.text("network"),
        v.texts("extra_hosts"),
        v.texts("entitlements"),
        v.bool("privileged"),
        v.bool("pull"),
        v.text("isolation"),
        v.text("provenance"),
        v.text("sbom"),
        v.number("shm_size"),
        ulimits(v),
        v.extensions());
  }

  Deploy deploy(Values v) {
    Values resources = Values.of(v.map().get("resources"), v.map());
    Values restart = v.child("restart_policy");
    return new Deploy(
        v.text("mode"),
        v.optionalInt("replicas"),
        v.pairs("labels"),
        limits(resources.child("limits")),
        limits(resources.child("reservations")),
        restart == null
            ? null
            : new Deploy.Restart(
                restart.text("condition"),
                restart.duration("delay"),
                restart.optionalInt("max_attempts"),
                restart.duration("window")),
        update(v.child("update_config")),
        update(v.child("rollback_config")),
        placement(v.child("placement")),
        v.text("endpoint_mode"),
        v.extensions());
  }

  private Deploy.@Nullable Limits limits(@Nullable Values v) {
    if (v == null) {
      return null;
    }
    List<Deploy.GenericResource> generic =
        v.items("generic_resources").stream()
            .map(item -> Values.of(item.map().get("discrete_resource_spec"), item.map()))
            .map(item -> new Deploy.GenericResource(item.text("kind"), item.number("value")))
            .toList();
    return new Deploy.Limits(
        v.nano("cpus"),
        v.number("memory"),
        v.number("pids"),
        v.items("devices").stream().map(this::device).toList(),
        generic);
  }

  private static Deploy.@Nullable Update update(@Nullable Values v) {
    return v == null
        ? null
        : new Deploy.Update(
            v.optionalInt("parallelism"),
            v.duration("delay"),
            v.text("failure_action"),
            v.duration("monitor"),
            v.fraction("max_failure_ratio"),
            v.text("order"));
  }

  private static Deploy.Placement placement(@Nullable Values v) {
    return v == null
        ? Deploy.Placement.ANYWHERE
        : new Deploy.Placement(
            v.texts("constraints"),
            v.items("preferences").stream().map(item -> item.text("spread")).toList(),
            (int) v.number("max_replicas_per_node"));
  }

  static Map<String, Ulimit> ulimits(Values v) {
    Map<String, Ulimit> all = new LinkedHashMap<>();
    v.children("ulimits")
        .forEach(
            (name, limit) ->
                all.put(
                    name,
                    limit.has("single")
                        ? new Ulimit(limit.number("single"), limit.number("single"))
                        : new Ulimit(limit.number("soft"), limit.number("hard"))));
    return all;
  }
}
