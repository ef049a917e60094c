package io.jcompose.compose.load;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.Positions;
import io.jcompose.compose.model.Canonical;
import io.jcompose.compose.model.FileObject;
import io.jcompose.compose.model.ModelConfig;
import io.jcompose.compose.model.NetworkConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.VolumeConfig;
import io.jcompose.compose.source.BaseFolder;
import io.jcompose.compose.source.ProjectFiles;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Values;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/** Reads the records of a project out of the canonical tree. */
public final class ModelReader {
  private final Values root;
  private final MapNode disabled;
  private final Map<String, String> environment;
  private final Problems problems;
  private final PathResolver paths;

  public ModelReader(
      MapNode root,
      MapNode disabled,
      BaseFolder base,
      Map<String, String> environment,
      Problems problems) {
    this.paths = new PathResolver(base, environment, problems);
    this.root = new Values(root);
    this.disabled = disabled;
    this.environment = environment;
    this.problems = problems;
  }

  public Project project(
      LoadRequest request,
      ProjectFiles files,
      String name,
      List<String> profiles,
      Canonical canonical) {
    boolean readable = request.options().interpolate();
    ServiceReader reader = new ServiceReader(environment, problems);
    MapNode inactive = new MapNode(disabled.position);
    inactive.entries.put("services", disabled);
    Project project =
        new Project(
            name,
            files.base.dir(),
            paths(request, files.files),
            files.envFiles,
            environment,
            readable ? section(root, "services", reader::service) : Map.of(),
            readable ? section(new Values(inactive), "services", reader::service) : Map.of(),
            readable ? section(root, "networks", this::network) : Map.of(),
            readable ? section(root, "volumes", this::volume) : Map.of(),
            readable ? section(root, "configs", this::object) : Map.of(),
            readable ? section(root, "secrets", this::object) : Map.of(),
            readable ? section(root, "models", ModelReader::model) : Map.of(),
            profiles,
            root.extensions(),
            problems.warnings(),
            problems.refusals(),
            new Positions(root.map()),
            canonical);
    problems.check();
    return project;
  }

  private static List<Path> paths(LoadRequest request, List<String> files) {
    return files.stream()
        .map(
            file ->
                file.equals("-") ? Path.of("-") : request.workingDir().resolve(file).normalize())
        .toList();
  }

  private static <T> Map<String, T> section(
      Values root, String key, BiFunction<String, Values, T> read) {
    Map<String, T> all = new LinkedHashMap<>();
    root.children(key).forEach((name, values) -> all.put(name, read.apply(name, values)));
    return all;
  }

  private NetworkConfig network(String key, Values values) {
    Values ipam = Values.of(values.map().get("ipam"), values.map());
    List<NetworkConfig.Pool> pools =
        ipam.items("config").stream()
            .map(
                pool ->
                    new NetworkConfig.Pool(
                        pool.text("subnet"),
                        pool.text("gateway"),
                        pool.text("ip_range"),
                        pool.pairs("aux_addresses")))
            .toList();
    return new NetworkConfig(
        key,
        name(key, values),
        values.text("driver"),
        values.pairs("driver_opts"),
        new NetworkConfig.Ipam(ipam.text("driver"), pools, ipam.pairs("options")),
        values.bool("external"),
        values.bool("internal"),
        values.bool("attachable"),
        values.optionalBool("enable_ipv4"),
        values.optionalBool("enable_ipv6"),
        values.pairs("labels"),
        values.extensions());
  }

  /** Services that use what has an empty name are refused; all else goes by the usual one. */
  private String name(String key, Values values) {
    String given = values.text("name");
    String usual = values.bool("external") ? key : root.text("name") + "_" + key;
    return given.isEmpty() && values.map().entries.containsKey("name") ? usual : given;
  }

  /** A folder that is bound has its path from the project's folder, however that is written. */
  private Map<String, String> volumeOptions(Values values) {
    Map<String, String> options = new LinkedHashMap<>(values.pairs("driver_opts"));
    boolean local = values.text("driver").isEmpty() || values.text("driver").equals("local");
    if (local && List.of(options.getOrDefault("o", "").split(",")).contains("bind")) {
      options.computeIfPresent("device", (name, path) -> paths.absolute(path));
    }
    return options;
  }

  private VolumeConfig volume(String key, Values values) {
    return new VolumeConfig(
        key,
        name(key, values),
        values.text("driver"),
        volumeOptions(values),
        values.bool("external"),
        values.pairs("labels"),
        values.extensions());
  }

  private FileObject object(String key, Values values) {
    return new FileObject(
        key,
        name(key, values),
        source(values),
        values.pairs("labels"),
        values.text("driver"),
        values.pairs("driver_opts"),
        values.text("template_driver"),
        values.extensions());
  }

  private FileObject.Source source(Values values) {
    if (values.bool("external")) {
      return new FileObject.Source.External();
    }
    if (values.has("environment")) {
      String variable = values.text("environment");
      return new FileObject.Source.Variable(variable, environment.get(variable));
    }
    return values.has("content")
        ? new FileObject.Source.Content(values.text("content"))
        : new FileObject.Source.HostFile(values.text("file"));
  }

  private static ModelConfig model(String key, Values values) {
    return new ModelConfig(
        key,
        values.text("name"),
        values.text("model"),
        (int) values.number("context_size"),
        values.texts("runtime_flags"),
        values.extensions());
  }
}
