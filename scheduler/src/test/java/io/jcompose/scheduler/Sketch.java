package io.jcompose.scheduler;

import io.jcompose.compose.Positions;
import io.jcompose.compose.model.Dependency;
import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerSpec.Health;
import io.jcompose.core.ContainerSpec.Lifecycle;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerSpec.RestartPolicy;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.core.Networks.NetworkSpec;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.scheduler.desired.Desired;
import io.jcompose.scheduler.desired.ServiceBuilds;
import io.jcompose.scheduler.desired.ServiceGraph;
import io.jcompose.scheduler.desired.Translation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Projects for tests, in few words. */
public final class Sketch {
  public final Map<String, Desired.Service> services = new LinkedHashMap<>();
  private String project = "shop";
  private String networkHash = "n1";
  private String platform = "";
  private List<String> anonymous = List.of();
  private String called = "";
  private String file = "/shop/compose.yaml";
  private String volume = "data";

  /** Another project's name; before its services. */
  public Sketch project(String name) {
    project = name;
    return this;
  }

  /** For the services that follow. */
  Sketch platform(String name) {
    platform = name;
    return this;
  }

  /** Another file of the same project, whose services have a volume of their own. */
  Sketch file(String path, String volumeKey) {
    file = path;
    volume = volumeKey;
    return this;
  }

  /** What a command with this file is about. */
  FileScope scope() {
    return new FileScope(
        List.of(file),
        List.copyOf(services.keySet()),
        List.of("shop_default"),
        List.of("shop_" + volume));
  }

  /** The container_name of the services that follow. */
  public Sketch called(String name) {
    called = name;
    return this;
  }

  /** Gives the services that follow volumes without a name at these targets. */
  public Sketch anonymous(String... targets) {
    anonymous = List.of(targets);
    return this;
  }

  public Sketch network(String hash) {
    networkHash = hash;
    return this;
  }

  /**
   * @param depends as the depends_on label has it
   */
  public Sketch service(String name, String hash, int scale, String depends, String restart) {
    Map<String, Dependency> on = new LinkedHashMap<>();
    ServiceGraph.parse(depends)
        .forEach(
            (s, d) ->
                on.put(s, new Dependency(d.condition(), d.restart(), !name.startsWith("opt"))));
    ContainerSpec base = ContainerSpec.of("", "busybox");
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put(Labels.PROJECT, project);
    labels.put(Labels.SERVICE, name);
    labels.put(Labels.CONFIG_HASH, hash);
    labels.put(Labels.DEPENDS_ON, ServiceGraph.format(on));
    boolean healthy = name.startsWith("db");
    RestartPolicy policy =
        switch (restart) {
          case "always" -> new RestartPolicy(RestartPolicy.Kind.ALWAYS, 0);
          case "on-failure" -> new RestartPolicy(RestartPolicy.Kind.ON_FAILURE, 2);
          case "unless-stopped" -> new RestartPolicy(RestartPolicy.Kind.UNLESS_STOPPED, 0);
          default -> RestartPolicy.NO;
        };
    ContainerSpec template =
        ContainerSpec.of("", "busybox")
            .with()
            .labels(labels)
            .process(base.process())
            .security(base.security())
            .networking(
                Networking.NONE
                    .with()
                    .mode("networks")
                    .endpoints(List.of(EndpointSpec.of(project + "_default", List.of(name))))
                    .build())
            .mounts(mounts())
            .resources(base.resources())
            .lifecycle(new Lifecycle(policy, "", null, false))
            .health(healthy ? new Health(List.of("CMD", "true"), null, null, null, null, 0) : null)
            .logging(base.logging())
            .build();
    services.put(
        name,
        new Desired.Service(
            name,
            template,
            called,
            hash,
            scale,
            "",
            platform,
            List.of("default"),
            List.of(volume),
            on,
            null,
            null,
            0,
            false,
            false,
            false));
    return this;
  }

  private List<MountSpec> mounts() {
    List<MountSpec> mounts = new ArrayList<>();
    mounts.add(new MountSpec.Tmpfs("/t", ""));
    mounts.add(new MountSpec.Volume(project + "_" + volume, "/d", false, false, ""));
    anonymous.forEach(at -> mounts.add(new MountSpec.Volume("", at, false, false, "")));
    return mounts;
  }

  /** Gives a service settings of our own. */
  public Sketch own(String name, boolean restartsUnhealthy, boolean followsCrashes) {
    return changed(name, s -> s.template(), 0, restartsUnhealthy, followsCrashes);
  }

  /** Gives a service so many restarts in a row. */
  public Sketch attempts(String name, int most) {
    return changed(name, s -> s.template(), most, false, false);
  }

  /** Gives a service a pause of its own before each restart, and how long a good run is. */
  public Sketch restarts(String name, @Nullable Duration delay, @Nullable Duration window) {
    services.computeIfPresent(
        name, (key, s) -> s.with().restartDelay(delay).restartWindow(window).build());
    return this;
  }

  /** Puts a service into the network of another. */
  public Sketch sharing(String name, String owner) {
    return inNamespace(name, "service:" + owner);
  }

  /** The service in the network namespace of another's container. */
  public Sketch inNamespace(String name, String mode) {
    Networking shared = Networking.NONE.withMode(mode);
    return changed(name, s -> s.template().withNetworking(shared), 0, false, false);
  }

  private Sketch changed(
      String name,
      Function<Desired.Service, ContainerSpec> template,
      int attempts,
      boolean restartsUnhealthy,
      boolean followsCrashes) {
    services.computeIfPresent(
        name,
        (key, s) ->
            s.with()
                .template(template.apply(s))
                .networks(
                    template.apply(s).networking().endpoints().isEmpty() ? List.of() : s.networks())
                .restartAttempts(attempts)
                .restartsUnhealthy(restartsUnhealthy)
                .followsCrashes(followsCrashes)
                .build());
    return this;
  }

  public Desired desired() {
    return new Desired(
        project,
        List.of(file),
        services,
        List.of(),
        Map.of(
            "default",
            new Desired.Network(
                "default",
                NetworkSpec.of(project + "_default")
                    .withLabels(
                        Map.of(
                            Labels.PROJECT,
                            project,
                            Labels.NETWORK,
                            "default",
                            Labels.CONFIG_HASH,
                            networkHash)),
                networkHash,
                false)),
        Map.of(
            volume,
            new Desired.Volume(
                volume,
                new VolumeSpec(
                    project + "_" + volume,
                    "",
                    Map.of(),
                    Map.of(
                        Labels.PROJECT, project, Labels.VOLUME, volume, Labels.CONFIG_HASH, "v1")),
                "v1",
                false)));
  }

  public Translation translation() {
    return new Translation(
        desired(), Map.of(), Map.of(), Map.of(), Positions.NONE, ServiceBuilds.NONE);
  }
}
