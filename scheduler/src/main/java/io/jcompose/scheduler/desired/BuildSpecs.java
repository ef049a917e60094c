package io.jcompose.scheduler.desired;

import io.jcompose.compose.Problem;
import io.jcompose.compose.model.Build;
import io.jcompose.compose.model.FileObject;
import io.jcompose.compose.model.FileReference;
import io.jcompose.compose.model.NetworkConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.CachePlace;
import io.jcompose.scheduler.BuildOptions;
import io.jcompose.scheduler.Labels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Turns the {@code build} section of services into the engine's words, attribute by attribute, and
 * collects what cannot be said in them. Confined to one thread.
 */
final class BuildSpecs {
  private static final String SERVICE = "service:";
  private static final String HOST_NETWORK = "network.host";
  private static final String INSECURE = "security.insecure";

  private final Project project;
  private final BuildOptions options;
  private final List<Problem> problems = new ArrayList<>();

  BuildSpecs(Project project, BuildOptions options) {
    this.project = project;
    this.options = options;
  }

  /** What is wrong with those asked for so far, with its places; mostly empty. */
  List<Problem> problems() {
    return problems;
  }

  /** One service's build, by the service's name. */
  BuildSpec of(Service service, Build build) {
    String inline = build.dockerfileInline();
    Map<String, String> args = new LinkedHashMap<>(build.args());
    args.putAll(options.args());
    return new BuildSpec(
        service.name(),
        build.context(),
        build.dockerfile(),
        inline.isEmpty() ? null : inline,
        contexts(build),
        build.target(),
        platform(service, build),
        args,
        labels(service, build),
        tags(service, build),
        steps(service, build),
        new BuildSpec.Cache(
            build.cache().disabled() || options.noCache(),
            build.cache().disabledStages(),
            build.pull() || options.pull(),
            options.why(),
            places(service, "cache_from", build.cache().from(), CachePlace::from),
            places(service, "cache_to", build.cache().to(), CachePlace::to)),
        secrets(service, build),
        ssh(service, build),
        BuildSpec.Output.DEFAULT);
  }

  /** The services whose images a build starts from. */
  static List<String> services(Build build) {
    return build.additionalContexts().values().stream()
        .filter(context -> context.startsWith(SERVICE))
        .map(context -> context.substring(SERVICE.length()))
        .toList();
  }

  private List<CachePlace> places(
      Service service,
      String attribute,
      List<String> words,
      BiFunction<String, Path, CachePlace> parse) {
    List<CachePlace> places = new ArrayList<>();
    for (String word : words) {
      try {
        places.add(parse.apply(word, project.workingDir()));
      } catch (JcomposeException e) {
        wrong(service, attribute, String.valueOf(e.getMessage()));
      }
    }
    return places;
  }

  private static Map<String, String> contexts(Build build) {
    Map<String, String> contexts = new LinkedHashMap<>();
    build
        .additionalContexts()
        .forEach(
            (name, context) ->
                contexts.put(
                    name,
                    context.startsWith(SERVICE)
                        ? "target:" + context.substring(SERVICE.length())
                        : context));
    return contexts;
  }

  private String platform(Service service, Build build) {
    String wanted = ContainerSpecs.platform(project, service);
    List<String> platforms = build.platforms();
    if (platforms.isEmpty()) {
      return wanted;
    }
    if (platforms.contains(wanted)) {
      return wanted;
    }
    if (!wanted.isEmpty()) {
      wrong(service, "platforms", "does not have the service's platform " + wanted);
    } else if (platforms.size() > 1) {
      wrong(
          service,
          "platforms",
          "an image is built for one platform: name it by `platform` of the service, or by"
              + " DOCKER_DEFAULT_PLATFORM");
    }
    return platforms.getFirst();
  }

  private Map<String, String> labels(Service service, Build build) {
    Map<String, String> labels = new LinkedHashMap<>(build.labels());
    labels.put(Labels.PROJECT, project.name());
    labels.put(Labels.SERVICE, service.name());
    labels.put(Labels.VERSION, Labels.OUR_VERSION);
    return labels;
  }

  private List<String> tags(Service service, Build build) {
    Set<String> tags = new LinkedHashSet<>();
    tags.add(ContainerSpecs.image(project, service));
    tags.addAll(build.tags());
    return List.copyOf(tags);
  }

  private BuildSpec.Steps steps(Service service, Build build) {
    Set<String> entitlements = new LinkedHashSet<>(build.entitlements());
    String network = network(service, build);
    if (build.privileged()) {
      entitlements.add(INSECURE);
    }
    if (network.equals("host")) {
      entitlements.add(HOST_NETWORK);
    }
    if (!Set.of("", "default").contains(build.isolation())) {
      wrong(service, "isolation", "only default: the others are of Windows");
    }
    return new BuildSpec.Steps(
        network,
        build.extraHosts().stream().map(BuildSpecs::host).toList(),
        build.shmSizeBytes(),
        build.ulimits(),
        Resources.UNLIMITED.with().memoryBytes(options.memoryBytes()).build(),
        List.copyOf(entitlements));
  }

  private static String host(String text) {
    return text.contains("=") ? text : text.replaceFirst(":", "=");
  }

  private String network(Service service, Build build) {
    String name = build.network();
    if (name.startsWith(SERVICE) || name.startsWith("container:")) {
      wrong(service, "network", "only none, host or a network: a build shares no namespace");
    }
    NetworkConfig network = project.networks().get(name);
    if (name.equals("default")) {
      return "";
    }
    return network == null ? name : network.name();
  }

  private List<BuildSpec.Secret> secrets(Service service, Build build) {
    List<BuildSpec.Secret> secrets = new ArrayList<>();
    for (FileReference reference : build.secrets()) {
      String id = reference.target().isEmpty() ? reference.source() : reference.target();
      FileObject object = project.secrets().get(reference.source());
      BuildSpec.Secret secret = object == null ? null : secret(service, id, object);
      if (secret != null) {
        secrets.add(secret);
      } else if (object == null) {
        wrong(service, "secrets", "undefined secret " + reference.source());
      }
    }
    return secrets;
  }

  private BuildSpec.@Nullable Secret secret(Service service, String id, FileObject object) {
    return switch (object.source()) {
      case FileObject.Source.HostFile file -> new BuildSpec.Secret(id, Path.of(file.path()), null);
      case FileObject.Source.Content content -> new BuildSpec.Secret(id, null, content.text());
      case FileObject.Source.Variable variable -> {
        if (variable.value() == null) {
          wrong(service, "secrets", StorageSpecs.unset("secret", object, variable));
          yield null;
        }
        yield new BuildSpec.Secret(id, null, variable.value());
      }
      case FileObject.Source.External external -> {
        wrong(service, "secrets", "unsupported external secret " + object.name());
        yield null;
      }
    };
  }

  private Map<String, String> ssh(Service service, Build build) {
    Map<String, String> all = new LinkedHashMap<>(build.ssh());
    all.putAll(options.ssh());
    String agent = Objects.requireNonNullElse(project.environment().get("SSH_AUTH_SOCK"), "");
    if (all.containsValue("") && agent.isEmpty()) {
      wrong(service, "ssh", "there is no agent: SSH_AUTH_SOCK is not set");
    }
    all.replaceAll((id, path) -> path.isEmpty() ? agent : path);
    return all;
  }

  private void wrong(Service service, String attribute, String why) {
    String path = "services." + service.name() + ".build." + attribute;
    problems.add(new Problem(project.positions().of(path), path, why));
  }
}
