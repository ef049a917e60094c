package io.jcompose.compose;

import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerSpec.Ulimit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Reads one service's records out of its canonical mapping. */
final class ServiceReader {
  private final Problems problems;
  private final SectionReader sections = new SectionReader();

  ServiceReader(Problems problems) {
    this.problems = problems;
  }

  Service service(String name, Values v) {
    Values deploy = v.child("deploy");
    Integer replicas =
        v.optionalInt("scale") != null || deploy == null
            ? v.optionalInt("scale")
            : deploy.optionalInt("replicas");
    Values develop = Values.of(v.map().get("develop"), v.map());
    return new Service(
        name,
        v.text("container_name"),
        source(name, v),
        process(v),
        isolation(v),
        networking(name, v),
        storage(v),
        resources(v, deploy),
        lifecycle(name, v, deploy),
        logging(v),
        v.pairs("labels"),
        v.pairs("annotations"),
        replicas == null ? 1 : replicas,
        !Boolean.FALSE.equals(v.optionalBool("attach")),
        v.texts("profiles"),
        deploy == null ? null : sections.deploy(deploy),
        develop.items("watch").stream().map(rule -> sections.watch(rule)).toList(),
        sections.provider(v.child("provider")),
        models(v),
        v.extensions());
  }

  private Service.ImageSource source(String name, Values v) {
    String policy = v.text("pull_policy");
    Duration interval = null;
    if (policy.startsWith("every_")) {
      interval = GoText.duration(policy.substring(6));
      if (interval == null) {
        wrong(v, name, "pull_policy", "invalid pull policy " + policy);
      }
      policy = "every";
    } else if (!List.of(
            "",
            "always",
            "never",
            "missing",
            "if_not_present",
            "build",
            "refresh",
            "daily",
            "weekly")
        .contains(policy)) {
      wrong(
          v,
          name,
          "pull_policy",
          "invalid pull policy "
              + policy
              + Problems.suggestion(
                  policy, List.of("always", "never", "missing", "build", "daily", "weekly")));
    } else if (policy.equals("daily")) {
      interval = Duration.ofDays(1);
    } else if (policy.equals("weekly")) {
      interval = Duration.ofDays(7);
    }
    return new Service.ImageSource(
        v.text("image"), sections.build(v.child("build")), v.text("platform"), policy, interval);
  }

  private void wrong(Values v, String service, String key, String message) {
    Node node = v.map().get(key);
    problems.error(
        node == null ? v.map().position : node.position,
        "services." + service + "." + key,
        message);
  }

  private static Service.Process process(Values v) {
    return new Service.Process(
        v.has("entrypoint") ? v.texts("entrypoint") : null,
        v.has("command") ? v.texts("command") : null,
        v.pairs("environment"),
        v.unset("environment"),
        v.text("working_dir"),
        v.text("user"),
        v.texts("group_add"),
        v.text("hostname"),
        v.text("domainname"),
        v.bool("tty"),
        v.bool("stdin_open"),
        v.optionalBool("init"));
  }

  private Service.Isolation isolation(Values v) {
    List<Service.Device> devices =
        v.items("devices").stream()
            .map(
                device ->
                    new Service.Device(
                        device.text("source"),
                        device.text("target").isEmpty()
                            ? device.text("source")
                            : device.text("target"),
                        device.text("permissions").isEmpty() ? "rwm" : device.text("permissions")))
            .toList();
    return new Service.Isolation(
        v.bool("privileged"),
        v.bool("read_only"),
        v.texts("cap_add"),
        v.texts("cap_drop"),
        v.texts("security_opt"),
        devices,
        v.texts("device_cgroup_rules"),
        v.items("gpus").stream().map(sections::device).toList(),
        v.pairs("sysctls"),
        ulimits(v),
        v.text("pid"),
        v.text("ipc"),
        v.text("uts"),
        v.text("userns_mode"),
        v.text("cgroup"),
        v.text("cgroup_parent"),
        v.text("runtime"),
        v.text("isolation"),
        v.pairs("credential_spec"),
        v.bool("use_api_socket"));
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

  private Service.Networking networking(String name, Values v) {
    Map<String, Service.Attachment> attachments = new LinkedHashMap<>();
    v.children("networks")
        .forEach((network, values) -> attachments.put(network, attachment(values)));
    return new Service.Networking(
        v.text("network_mode"),
        attachments,
        ports(name, v),
        v.texts("expose"),
        v.texts("dns").stream().filter(text -> !text.isBlank()).toList(),
        v.texts("dns_search"),
        v.texts("dns_opt"),
        hosts(v),
        links(v.texts("links")),
        links(v.texts("external_links")),
        v.text("mac_address"));
  }

  private static Service.Attachment attachment(Values v) {
    return new Service.Attachment(
        v.texts("aliases"),
        v.text("interface_name"),
        v.text("ipv4_address"),
        v.text("ipv6_address"),
        v.texts("link_local_ips"),
        v.text("mac_address"),
        v.pairs("driver_opts"),
        (int) v.number("gw_priority"),
        (int) v.number("priority"));
  }

  private List<PortConfig> ports(String name, Values v) {
    List<PortConfig> ports = new ArrayList<>();
    for (Values port : v.items("ports")) {
      String published = port.text("published");
      int[] range = published.isEmpty() ? new int[] {0, 0} : ShortForms.range(published);
      if (range == null) {
        problems.error(
            port.map().position, "services." + name + ".ports", "invalid hostPort: " + published);
        continue;
      }
      ports.add(
          new PortConfig(
              (int) port.number("target"),
              range[0],
              range[1],
              port.text("host_ip"),
              port.text("protocol"),
              port.text("mode"),
              port.text("name"),
              port.text("app_protocol")));
    }
    return ports;
  }

  private static Map<String, List<String>> hosts(Values v) {
    Map<String, List<String>> hosts = new LinkedHashMap<>();
    for (String line : v.texts("extra_hosts")) {
      int equals = line.indexOf('=');
      hosts
          .computeIfAbsent(line.substring(0, equals), key -> new ArrayList<>())
          .add(line.substring(equals + 1));
    }
    return hosts;
  }

  private static List<Service.Link> links(List<String> texts) {
    return texts.stream()
        .map(
            text -> {
              int colon = text.indexOf(':');
              return colon < 0
                  ? new Service.Link(text, text)
                  : new Service.Link(text.substring(0, colon), text.substring(colon + 1));
            })
        .toList();
  }

  private Service.Storage storage(Values v) {
    Map<String, String> tmpfs = new LinkedHashMap<>();
    for (String text : v.texts("tmpfs")) {
      int colon = text.indexOf(':');
      tmpfs.put(
          colon < 0 ? text : text.substring(0, colon), colon < 0 ? "" : text.substring(colon + 1));
    }
    return new Service.Storage(
        v.items("volumes").stream().map(sections::mount).toList(),
        tmpfs,
        v.texts("volumes_from"),
        v.items("configs").stream().map(file -> SectionReader.file(file, "/")).toList(),
        v.items("secrets").stream().map(file -> SectionReader.file(file, "/run/secrets/")).toList(),
        v.pairs("storage_opt"),
        "");
  }

  private static Service.Resources resources(Values v, @Nullable Values deploy) {
    Values nothing = Values.of(null, v.map());
    Values resources = deploy == null ? null : deploy.child("resources");
    Values limits = resources == null ? null : resources.child("limits");
    Values reserved = resources == null ? null : resources.child("reservations");
    Values limit = limits == null ? nothing : limits;
    Values reservation = reserved == null ? nothing : reserved;
    return new Service.Resources(
        v.has("cpus") ? v.nano("cpus") : limit.nano("cpus"),
        v.number("cpu_shares"),
        v.number("cpu_period"),
        v.number("cpu_quota"),
        v.number("cpu_rt_period"),
        v.number("cpu_rt_runtime"),
        v.number("cpu_count"),
        v.fraction("cpu_percent"),
        v.text("cpuset"),
        v.has("mem_limit") ? v.number("mem_limit") : limit.number("memory"),
        v.number("memswap_limit"),
        v.has("mem_reservation") ? v.number("mem_reservation") : reservation.number("memory"),
        v.optionalInt("mem_swappiness"),
        v.bool("oom_kill_disable"),
        (int) v.number("oom_score_adj"),
        v.has("pids_limit") ? v.number("pids_limit") : limit.number("pids"),
        v.number("shm_size"),
        blkio(v.child("blkio_config")));
  }

  private static Service.Blkio blkio(@Nullable Values v) {
    return v == null
        ? Service.Blkio.NONE
        : new Service.Blkio(
            (int) v.number("weight"),
            byPath(v, "weight_device", "weight"),
            byPath(v, "device_read_bps", "rate"),
            byPath(v, "device_write_bps", "rate"),
            byPath(v, "device_read_iops", "rate"),
            byPath(v, "device_write_iops", "rate"));
  }

  private static Map<String, Long> byPath(Values v, String key, String value) {
    Map<String, Long> all = new LinkedHashMap<>();
    v.items(key).forEach(item -> all.put(item.text("path"), item.number(value)));
    return all;
  }

  private Service.Lifecycle lifecycle(String name, Values v, @Nullable Values deploy) {
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
    if (policy != null) {
      Integer attempts = policy.optionalInt("max_attempts");
      return switch (policy.text("condition")) {
        case "none" -> RestartPolicy.NO;
        case "on-failure" ->
            new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, attempts == null ? 0 : attempts);
        default -> new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0);
      };
    }
    String text = v.text("restart");
    int colon = text.indexOf(':');
    String word = (colon < 0 ? text : text.substring(0, colon)).toLowerCase(Locale.ROOT);
    Object count = colon < 0 ? Long.valueOf(0) : GoText.integer(text.substring(colon + 1));
    RestartPolicy.Kind kind =
        switch (word) {
          case "", "no" -> RestartPolicy.Kind.NO;
          case "always" -> RestartPolicy.Kind.ALWAYS;
          case "on-failure" -> RestartPolicy.Kind.ON_FAILURE;
          case "unless-stopped" -> RestartPolicy.Kind.UNLESS_STOPPED;
          default -> null;
        };
    if (kind == null
        || !(count instanceof Long retries)
        || retries < 0
        || (colon >= 0 && kind != RestartPolicy.Kind.ON_FAILURE)) {
      wrong(
          v,
          name,
          "restart",
          "invalid restart policy: "
              + text
              + Problems.suggestion(word, List.of("no", "always", "on-failure", "unless-stopped")));
      return RestartPolicy.NO;
    }
    return new RestartPolicy(kind, retries.intValue());
  }

  private static Service.Logging logging(Values v) {
    Values logging = v.child("logging");
    return logging == null
        ? Service.Logging.DEFAULT
        : new Service.Logging(logging.text("driver"), logging.pairs("options"));
  }

  private static Map<String, ModelConfig.Use> models(Values v) {
    Map<String, ModelConfig.Use> all = new LinkedHashMap<>();
    v.children("models")
        .forEach(
            (name, use) ->
                all.put(
                    name, new ModelConfig.Use(use.text("endpoint_var"), use.text("model_var"))));
    return all;
  }
}
