package io.jcompose.compose.load;

import io.jcompose.compose.model.ModelConfig;
import io.jcompose.compose.model.Service;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Values;
import io.jcompose.core.time.GoDuration;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Reads one service's records out of its canonical mapping. */
final class ServiceReader {
  private final SectionReader sections;
  private final LifecycleReader lifecycle;

  ServiceReader(Map<String, String> environment, Problems problems) {
    sections = new SectionReader(environment);
    lifecycle = new LifecycleReader(sections, problems);
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
        source(v),
        process(v),
        isolation(v),
        NetworkingReader.networking(v),
        storage(v),
        ResourcesReader.resources(v, deploy),
        lifecycle.lifecycle(name, v, deploy),
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

  private Service.ImageSource source(Values v) {
    String policy = v.text("pull_policy");
    Duration interval = null;
    if (policy.startsWith("every_")) {
      interval = GoDuration.parseWithDays(policy.substring(6)).orElse(null);
      policy = "every";
    } else if (policy.equals("daily")) {
      interval = Duration.ofDays(1);
    } else if (policy.equals("weekly")) {
      interval = Duration.ofDays(7);
    }
    return new Service.ImageSource(
        v.text("image"), sections.build(v.child("build")), v.text("platform"), policy, interval);
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
        SectionReader.ulimits(v),
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
