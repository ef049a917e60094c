package io.jcompose.api.container;

import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.inspect.ContainerJson;
import io.jcompose.api.inspect.ExposedPorts;
import io.jcompose.api.inspect.MountsJson;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.request.ProjectSource;
import io.jcompose.api.request.Selection;
import io.jcompose.api.text.GoTime;
import io.jcompose.api.text.HumanText;
import io.jcompose.api.text.JsonText;
import io.jcompose.api.text.TextTable;
import io.jcompose.core.Activity;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Ids;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.JcomposeException;
import io.jcompose.scheduler.Labels;
import io.jcompose.scheduler.ProjectView;
import io.jcompose.scheduler.Projects;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** The text that {@code ps}, {@code ls} and {@code images} print, rendered here. */
public final class Listings {
  private static final int COMMAND_WIDTH = 20;
  private static final int MOUNT_WIDTH = 15;

  private static final String[] DOCKERS = {
    "ID", "CONTAINER ID", "Image", "IMAGE", "Command", "COMMAND", "RunningFor", "CREATED",
    "Status", "STATUS", "Ports", "PORTS", "Names", "NAMES", "Size", "SIZE"
  };
  private static final ListFormat DOCKER_SIZES = ListFormat.of("ID", 10, DOCKERS);
  private static final ListFormat DOCKER =
      ListFormat.of("ID", 10, Arrays.copyOf(DOCKERS, DOCKERS.length - 2));

  /** What docker's {@code ps} has no member for. */
  private static final Set<String> COMPOSES =
      Set.of("ExitCode", "Health", "Name", "Project", "Publishers", "Service");

  private final Projects projects;
  private final Containers containers;
  private final Images images;
  private final ProjectSource source;
  private final Activity activity;
  private final Clock clock;

  public Listings(
      Projects projects,
      Containers containers,
      Images images,
      Activity activity,
      ProjectSource source,
      Clock clock) {
    this.activity = activity;
    this.projects = projects;
    this.containers = containers;
    this.images = images;
    this.source = source;
    this.clock = clock;
  }

  public String ps(CommandRequest request) {
    List<String> states = new ArrayList<>(request.list("status"));
    PsFilters filters = PsFilters.parse(request);
    states.addAll(filters.states());
    int newest = request.has("latest") ? 1 : request.number("last", -1);
    boolean all = request.has("all") || !states.isEmpty() || newest >= 0;
    boolean orphans = !request.text("orphans").equals("false");
    Selection selection = selected(request, filters.filters());
    List<ContainerView> views =
        (all ? selection.views(containers, true) : selection.active(containers))
            .stream()
                .filter(view -> states.isEmpty() || states.contains(word(view)))
                .filter(filters::fits)
                .filter(
                    view ->
                        orphans || selection.everywhere() || source.knows(request, service(view)))
                .toList();
    return renderPs(request, latest(views, newest));
  }

  /** By docker's own filters containers are looked for on the whole host, where no project is. */
  private Selection selected(CommandRequest request, NamedFilters filters) {
    try {
      return source.select(request, request.arguments());
    } catch (JcomposeException.NotFound e) {
      if (filters.isEmpty() || filters.values().keySet().equals(Set.of("status"))) {
        throw e;
      }
      return new Selection(null, List.of(), true);
    }
  }

  /** The last made ones of them, the newest first; a negative count is all, as they are. */
  private static List<ContainerView> latest(List<ContainerView> views, int count) {
    return count < 0
        ? views
        : views.stream()
            .sorted(Comparator.comparing(ContainerView::createdAt).reversed())
            .limit(count)
            .toList();
  }

  String renderPs(CommandRequest request, List<ContainerView> views) {
    if (request.has("docker") && !request.has("services")) {
      return renderDockers(request, views);
    }
    if (request.has("quiet")) {
      return lines(views.stream().map(ContainerView::id).toList());
    }
    if (request.has("services")) {
      return lines(views.stream().map(Listings::service).distinct().toList());
    }
    String format = request.text("format");
    if (!format.isEmpty() && !format.equals("table")) {
      List<Map<String, Object>> objects =
          views.stream().map(view -> psObject(request, view)).toList();
      return ListFormat.PS.formatted(format, objects);
    }
    return psTable(request, views);
  }

  /** As {@code docker ps}: {@code container ls}, the newest first, ids cut short. */
  private String renderDockers(CommandRequest request, List<ContainerView> views) {
    List<Map<String, Object>> rows =
        views.stream()
            .sorted(Comparator.comparing(ContainerView::createdAt).reversed())
            .map(view -> psObject(request, view))
            .toList();
    rows.forEach(row -> row.keySet().removeAll(COMPOSES));
    String format = request.text("format");
    if (!request.has("quiet") && !format.isEmpty() && !format.equals("table")) {
      return ListFormat.PS.formatted(format, rows);
    }
    return (request.has("size") ? DOCKER_SIZES : DOCKER).render(request, rows);
  }

  private String psTable(CommandRequest request, List<ContainerView> views) {
    boolean sizes = request.has("size");
    List<String> headings =
        new ArrayList<>(
            List.of("NAME", "IMAGE", "COMMAND", "SERVICE", "CREATED", "STATUS", "PORTS"));
    if (sizes) {
      headings.add("SIZE");
    }
    TextTable table = new TextTable(10, headings.toArray(new String[0]));
    Instant now = clock.instant();
    for (ContainerView view : views) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  view.name(),
                  view.spec().image(),
                  command(view, request.has("no-trunc")),
                  service(view),
                  age(view.createdAt(), now),
                  HumanText.status(view, now),
                  PortText.of(ports(view))));
      if (sizes) {
        cells.add(size(view));
      }
      table.add(cells.toArray(new String[0]));
    }
    return table.toString();
  }

  public String ls(CommandRequest request) {
    Filters names = Filters.parse(request.list("filter"), "name");
    List<ProjectView> all =
        projects.lists().projects(request.has("all")).stream()
            .filter(p -> names.find(p.name()))
            .toList();
    if (request.has("quiet")) {
      return lines(all.stream().map(ProjectView::name).toList());
    }
    List<Map<String, Object>> objects = all.stream().map(Listings::lsObject).toList();
    if (request.text("format").equals("json")) {
      return JsonText.of(objects) + "\n";
    }
    if (ListFormat.isTemplate(request)) {
      return ListFormat.LS.formatted(request.text("format"), objects);
    }
    TextTable table = new TextTable(20, "NAME", "STATUS", "CONFIG FILES");
    all.forEach(p -> table.add(p.name(), p.status(), String.join(",", p.configFiles())));
    return table.toString();
  }

  public String images(CommandRequest request) {
    List<ContainerView> views = source.select(request, request.arguments()).views(containers, true);
    if (request.has("quiet")) {
      return lines(views.stream().map(view -> hex(view.imageId())).distinct().toList());
    }
    TextTable table =
        new TextTable(
            20, "CONTAINER", "REPOSITORY", "TAG", "PLATFORM", "IMAGE ID", "SIZE", "CREATED");
    List<Map<String, Object>> objects = views.stream().map(this::imageObject).toList();
    if (request.text("format").equals("json")) {
      return JsonText.of(objects) + "\n";
    }
    if (ListFormat.isTemplate(request)) {
      return ListFormat.IMAGES.formatted(request.text("format"), objects);
    }
    Instant now = clock.instant();
    for (int i = 0; i < views.size(); i++) {
      Map<String, Object> object = objects.get(i);
      Images.ImageView image = images.find(views.get(i).imageId()).orElse(null);
      Instant created = image == null ? null : image.createdAt();
      table.add(
          views.get(i).name(),
          String.valueOf(object.get("Repository")),
          String.valueOf(object.get("Tag")),
          String.valueOf(object.get("Platform")),
          Ids.brief(hex(views.get(i).imageId())),
          HumanText.size(image == null ? 0 : image.sizeBytes()),
          created == null ? "N/A" : age(created, now));
    }
    return table.toString();
  }

  static String service(ContainerView view) {
    return view.labels().getOrDefault(Labels.SERVICE, "");
  }

  private Map<String, Object> imageObject(ContainerView view) {
    Images.ImageView image = images.find(view.imageId()).orElse(null);
    ImageReference reference = ImageReference.parse(view.spec().image());
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("ID", view.imageId());
    object.put("ContainerName", view.name());
    object.put("Repository", repository(view.spec().image()));
    object.put("Tag", Objects.toString(reference.tag(), ""));
    object.put("Platform", image == null ? "" : image.platform());
    object.put("Size", image == null ? 0 : image.sizeBytes());
    object.put("Created", image == null ? "" : String.valueOf(image.createdAt()));
    return object;
  }

  /** The name as written, without tag and digest. */
  private static String repository(String reference) {
    int at = reference.indexOf('@');
    String name = at < 0 ? reference : reference.substring(0, at);
    int colon = name.lastIndexOf(':');
    return colon > name.lastIndexOf('/') ? name.substring(0, colon) : name;
  }

  private Map<String, Object> psObject(CommandRequest request, ContainerView view) {
    boolean whole = request.has("no-trunc");
    Instant now = clock.instant();
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("Command", command(view, whole));
    object.put("CreatedAt", GoTime.seconds(view.createdAt(), clock.getZone()));
    object.put("ExitCode", view.exitCode());
    object.put(
        "Health",
        view.health() == ContainerView.HealthStatus.NONE
            ? ""
            : view.health().name().toLowerCase(Locale.ROOT));
    object.put("ID", whole ? view.id() : Ids.brief(view.id()));
    object.put("Image", view.spec().image());
    object.put(
        "Labels",
        HumanText.pairs(ContainerJson.labels(view, images.find(view.imageId()).orElse(null))));
    object.put("LocalVolumes", String.valueOf(MountsJson.volumes(view).size()));
    object.put("Mounts", mounts(view, whole));
    object.put("Name", view.name());
    object.put("Names", view.name());
    object.put(
        "Networks",
        view.endpoints().stream()
            .map(ContainerView.EndpointView::networkName)
            .collect(Collectors.joining(",")));
    List<ContainerView.PortBinding> ports = ports(view);
    object.put("Ports", PortText.of(ports));
    object.put("Project", view.labels().getOrDefault(Labels.PROJECT, ""));
    object.put("Publishers", ports.stream().map(Listings::publisher).toList());
    object.put("RunningFor", age(view.createdAt(), now));
    object.put("Service", service(view));
    object.put("Size", request.has("size") ? size(view) : "0B");
    object.put("State", word(view));
    object.put("Status", HumanText.status(view, now));
    return object;
  }

  /** What is published, and what a running container and its image expose besides. */
  private List<ContainerView.PortBinding> ports(ContainerView view) {
    return ExposedPorts.beside(view, images.find(view.imageId()).orElse(null));
  }

  /** {@code 12B (virtual 1.98MB)}, as docker has it. */
  private String size(ContainerView view) {
    long own = activity.layerBytes(view.id());
    long image = images.find(view.imageId()).map(Images.ImageView::sizeBytes).orElse(0L);
    return HumanText.size(own) + " (virtual " + HumanText.size(own + image) + ")";
  }

  /** Paths of binds and names of volumes, those of the image too, each cut short. */
  private static String mounts(ContainerView view, boolean whole) {
    return MountsJson.names(view).stream()
        .map(
            name ->
                whole || name.length() <= MOUNT_WIDTH
                    ? name
                    : name.substring(0, MOUNT_WIDTH - 1) + "…")
        .collect(Collectors.joining(","));
  }

  private static Map<String, Object> publisher(ContainerView.PortBinding port) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("URL", port.hostIp());
    object.put("TargetPort", port.containerPort());
    object.put("PublishedPort", port.hostPort());
    object.put("Protocol", port.protocol());
    return object;
  }

  private static Map<String, Object> lsObject(ProjectView project) {
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("Name", project.name());
    object.put("Status", project.status());
    object.put("ConfigFiles", String.join(",", project.configFiles()));
    return object;
  }

  /** As Docker prints it: the whole as a Go string. */
  private static String command(ContainerView view, boolean whole) {
    String text = HumanText.command(view.command());
    if (!whole && text.length() > COMMAND_WIDTH) {
      text = text.substring(0, COMMAND_WIDTH - 1) + "…";
    }
    return HumanText.quoted(text);
  }

  private static String age(Instant moment, Instant now) {
    return HumanText.duration(Duration.between(moment, now)) + " ago";
  }

  private static String word(ContainerView view) {
    return view.state().name().toLowerCase(Locale.ROOT);
  }

  private static String hex(String digest) {
    return digest.substring(digest.indexOf(':') + 1);
  }

  private static String lines(List<String> lines) {
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }
}
