package io.jcompose.scheduler.desired;

import io.jcompose.compose.model.MountConfig;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.ProcessSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.Ids;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networking.PortSpec;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.RunOptions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Makes the spec of a {@code run} container of a service. Pure but for its random slug. */
public record OneOff(Desired desired, Desired.Service service, RunOptions options) {

  public ContainerSpec spec(String imageId) {
    String slug = Ids.next();
    String name =
        options.name().isEmpty()
            ? String.join(
                service.separator(), desired.project(), service.name(), "run", Ids.brief(slug))
            : options.name();
    ContainerSpec template = service.template();
    return new ContainerSpec(
        name,
        template.image(),
        imageId,
        labels(template, slug, imageId),
        process(template.process()),
        security(template.security()),
        networking(template.networking(), name),
        mounts(template.mounts()),
        template.files(),
        template.resources(),
        new Lifecycle(
            RestartPolicy.NO,
            template.lifecycle().stopSignal(),
            template.lifecycle().stopTimeout(),
            options.autoRemove()),
        template.health(),
        template.logging());
  }

  private Map<String, String> labels(ContainerSpec template, String slug, String imageId) {
    Map<String, String> labels = new LinkedHashMap<>(template.labels());
    labels.putAll(options.labels());
    labels.put(Labels.SLUG, slug);
    labels.put(Labels.ONEOFF, "True");
    labels.put(Labels.IMAGE, imageId);
    return labels;
  }

  private ProcessSpec process(ProcessSpec base) {
    List<String> env = new ArrayList<>(base.env());
    for (String given : options.env()) {
      if (given.indexOf('=') < 0) {
        continue; // a name that has no value anywhere takes none away that the files gave
      }
      String name = given.split("=", 2)[0];
      env.removeIf(entry -> entry.equals(name) || entry.startsWith(name + "="));
      env.add(given);
    }
    List<String> entrypoint = options.entrypoint();
    List<String> command = entrypoint == null ? base.command() : null;
    return new ProcessSpec(
        entrypoint == null ? base.entrypoint() : entrypoint,
        options.command().isEmpty() ? command : options.command(),
        env,
        options.workingDir().isEmpty() ? base.workingDir() : options.workingDir(),
        options.user().isEmpty() ? base.user() : options.user(),
        base.hostname(),
        base.domainname(),
        base.groupAdd(),
        options.tty(),
        options.stdin(),
        false,
        base.init());
  }

  private Security security(Security base) {
    return base.with()
        .capAdd(joined(base.capAdd(), options.capAdd()))
        .capDrop(joined(base.capDrop(), options.capDrop()))
        .build();
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).distinct().toList();
  }

  private Networking networking(Networking base, String name) {
    List<PortSpec> ports = new ArrayList<>(options.servicePorts() ? base.ports() : List.of());
    ports.addAll(ContainerSpecs.ports(options.publish()));
    return base.with()
        .endpoints(base.endpoints().stream().map(endpoint -> endpoint(endpoint, name)).toList())
        .ports(ports)
        .build();
  }

  private EndpointSpec endpoint(EndpointSpec base, String name) {
    return base.with()
        .aliases(options.useAliases() ? joined(List.of(name), base.aliases()) : List.of(name))
        .ipv4Address("")
        .ipv6Address("")
        .macAddress("")
        .build();
  }

  private List<MountSpec> mounts(List<MountSpec> base) {
    Map<String, MountSpec> byTarget = new LinkedHashMap<>();
    base.forEach(mount -> byTarget.put(mount.target(), mount));
    for (MountConfig given : options.volumes()) {
      MountSpec mount = StorageSpecs.mount(given, desired::volumeName);
      byTarget.put(mount.target(), mount);
    }
    return List.copyOf(byTarget.values());
  }
}
