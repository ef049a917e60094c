package io.jcompose.api.host;

import io.jcompose.api.answer.EachWord;
import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.text.GoTime;
import io.jcompose.api.text.HumanText;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Volumes;
import io.jcompose.core.Volumes.VolumeSpec;
import io.jcompose.core.Volumes.VolumeView;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** {@code volume create|inspect|ls|rm}: the volumes of the host, of projects and of none. */
public final class VolumeCommands {
  public static final ListFormat LIST =
      ListFormat.of("Name", 10, "Driver", "DRIVER", "Name", "VOLUME NAME");

  private final Containers containers;
  private final Volumes volumes;

  public VolumeCommands(Containers containers, Volumes volumes) {
    this.containers = containers;
    this.volumes = volumes;
  }

  String create(CommandRequest request) {
    String name = request.arguments().isEmpty() ? request.text("name") : request.arguments().get(0);
    String driver = request.text("driver");
    if (!driver.isEmpty() && !driver.equals("local")) {
      throw new JcomposeException.NotSupported(
          "create " + name + ": volume driver " + driver + " is not carried out; there is local");
    }
    VolumeSpec spec =
        new VolumeSpec(
            name, "local", pairs(request.list("opt"), "opt"), pairs(request.list("label"), ""));
    return volumes.create(spec).name() + "\n";
  }

  String list(CommandRequest request) {
    NamedFilters filters =
        NamedFilters.parse(request, List.of("dangling", "driver", "label", "name"));
    Set<String> used = used();
    return LIST.render(
        request,
        volumes.list(Map.of()).stream()
            .filter(v -> filters.contains("name", v.name()))
            .filter(v -> filters.is("driver", "local"))
            .filter(v -> filters.labels(v.spec().labels()))
            .filter(v -> filters.isTruth("dangling", !used.contains(v.name())))
            .map(VolumeCommands::row)
            .toList());
  }

  String inspect(CommandRequest request) {
    return EachWord.found(
        request.arguments(),
        word -> object(find(word)),
        found -> ListFormat.inspect(request, found));
  }

  /** All that can be removed; then the first that cannot is the error. */
  String remove(CommandRequest request) {
    return EachWord.done(
        request.arguments(),
        name -> {
          if (!request.has("force")) {
            VolumeView found = find(name);
            volumes.remove(found.name());
          } else {
            volumes.remove(name);
          }
          return name + "\n";
        });
  }

  /** Names of volumes that some container has, running or not. */
  public Set<String> used() {
    Set<String> used = new HashSet<>();
    containers.list(Map.of()).forEach(view -> used.addAll(volumesOf(view)));
    return used;
  }

  /** Names of a container's volumes, anonymous ones too. */
  public static Set<String> volumesOf(ContainerView view) {
    Set<String> names = new HashSet<>(view.anonymousVolumes().values());
    view.spec().mounts().stream()
        .filter(MountSpec.Volume.class::isInstance)
        .forEach(mount -> names.add(((MountSpec.Volume) mount).name()));
    return names;
  }

  private VolumeView find(String name) {
    return volumes
        .find(name)
        .orElseThrow(() -> new JcomposeException.NotFound("get " + name + ": no such volume"));
  }

  public static Map<String, Object> row(VolumeView volume) {
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("Availability", "N/A");
    row.put("Driver", "local");
    row.put("Group", "N/A");
    row.put("Labels", HumanText.pairs(volume.spec().labels()));
    row.put("Links", "N/A");
    row.put("Mountpoint", volume.mountpoint().toString());
    row.put("Name", volume.name());
    row.put("Scope", "local");
    row.put("Size", "N/A");
    row.put("Status", "N/A");
    return row;
  }

  /** A volume as {@code inspect} shows it; empty when there is none. */
  public Optional<Map<String, Object>> object(String name) {
    return volumes.find(name).map(VolumeCommands::object);
  }

  /** A volume as Docker shows it. */
  public static Map<String, Object> object(VolumeView volume) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("CreatedAt", GoTime.rfc3339(volume.createdAt(), ZoneId.systemDefault()));
    object.put("Driver", "local");
    Map<String, String> labels = new TreeMap<>(volume.spec().labels());
    if (volume.anonymous()) {
      labels.put("com.docker.volume.anonymous", "");
    }
    object.put("Labels", labels.isEmpty() ? null : labels);
    object.put("Mountpoint", volume.mountpoint().toString());
    object.put("Name", volume.name());
    object.put(
        "Options",
        volume.spec().options().isEmpty() ? null : new TreeMap<>(volume.spec().options()));
    object.put("Scope", "local");
    return object;
  }

  /**
   * {@code KEY=VALUE} options.
   *
   * @param strict the option's name when a missing value is an error; empty takes it as empty
   */
  static Map<String, String> pairs(List<String> options, String strict) {
    Map<String, String> pairs = new LinkedHashMap<>();
    for (String option : new ArrayList<>(options)) {
      int equals = option.indexOf('=');
      if (equals == 0 || (equals < 0 && !strict.isEmpty())) {
        throw new JcomposeException.InvalidArgument(
            "invalid argument \"" + option + "\" for \"--" + strict + "\": write KEY=VALUE");
      }
      pairs.put(
          equals < 0 ? option : option.substring(0, equals),
          equals < 0 ? "" : option.substring(equals + 1));
    }
    return pairs;
  }
}
