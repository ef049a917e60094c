package io.jcompose.scheduler.plan;

import io.jcompose.core.ContainerSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Ids;
import io.jcompose.core.Networking;
import io.jcompose.core.Networking.EndpointSpec;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.desired.Desired;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Makes the spec of one numbered container from its service's template. */
public final class Replica {
  private static final Pattern TEMPORARY_NAME = Pattern.compile("[0-9a-f]{12}_.+");

  private Replica() {}

  /** {@code <project>-<service>-<n>}, or with underscores, or the service's own name. */
  static String name(String project, Desired.Service service, int number) {
    return service.containerName().isEmpty()
        ? String.join(service.separator(), project, service.name(), String.valueOf(number))
        : service.containerName();
  }

  /** The name a successor carries until the container it takes the place of is gone. */
  static String temporaryName(ContainerView old, String name) {
    return Ids.brief(old.id()) + "_" + name;
  }

  /** True for a container that has a temporary name, made to take the place of another. */
  public static boolean isSuccessor(ContainerView container) {
    return container.labels().containsKey(Labels.REPLACE)
        && TEMPORARY_NAME.matcher(container.name()).matches();
  }

  /** True for a container that was made to take the place of that very one. */
  static boolean isSuccessorOf(ContainerView container, ContainerView old) {
    return isSuccessor(container) && container.name().startsWith(Ids.brief(old.id()) + "_");
  }

  public static ContainerSpec spec(
      String project, Desired.Service service, int number, String imageId) {
    Map<String, String> labels = new LinkedHashMap<>(service.template().labels());
    labels.put(Labels.CONTAINER_NUMBER, String.valueOf(number));
    labels.put(Labels.ONEOFF, "False");
    labels.put(Labels.IMAGE, imageId);
    String name = name(project, service, number);
    return service
        .template()
        .with()
        .name(name)
        .imageId(imageId)
        .labels(labels)
        .networking(aliased(service.template(), name))
        .build();
  }

  /** The same, to take the name of {@code old}, or its place. */
  static ContainerSpec successor(ContainerSpec spec, ContainerView old) {
    Map<String, String> labels = new LinkedHashMap<>(spec.labels());
    labels.put(Labels.REPLACE, Labels.service(old) + "-" + Math.max(1, Labels.number(old)));
    return spec.with().name(temporaryName(old, spec.name())).labels(labels).build();
  }

  /** Docker Compose's order: container name, service name, the file's aliases. */
  private static Networking aliased(ContainerSpec template, String name) {
    Networking networking = template.networking();
    return networking.withEndpoints(
        networking.endpoints().stream().map(endpoint -> aliased(endpoint, name)).toList());
  }

  private static EndpointSpec aliased(EndpointSpec endpoint, String name) {
    Set<String> aliases = new LinkedHashSet<>();
    aliases.add(name);
    aliases.addAll(endpoint.aliases());
    return endpoint.withAliases(List.copyOf(aliases));
  }
}
