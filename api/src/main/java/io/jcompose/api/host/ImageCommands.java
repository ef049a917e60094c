package io.jcompose.api.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.answer.EachWord;
import io.jcompose.api.answer.ListFormat;
import io.jcompose.api.request.CommandRequest;
import io.jcompose.api.request.Moments;
import io.jcompose.api.request.NamePattern;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.api.text.GoTime;
import io.jcompose.api.text.HumanText;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.Ids;
import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageDetails;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code image ls|inspect|history|rm|tag}: the images of the host. */
public final class ImageCommands {
  private static final String NONE = "<none>";

  /** The layers are the engine's own affair, as with Docker's image store of containerd. */
  private static final Map<String, Object> GRAPH_DRIVER = graphDriver();

  private static final String NEVER = "0001-01-01T00:00:00Z"; // Go's word for no time
  private static final int CREATED_BY_WIDTH = 45;
  private static final ListFormat LIST =
      ListFormat.of(
          "ID",
          10,
          "Repository",
          "REPOSITORY",
          "Tag",
          "TAG",
          "ID",
          "IMAGE ID",
          "CreatedSince",
          "CREATED",
          "Size",
          "SIZE");
  private static final ListFormat DIGESTS =
      ListFormat.of(
          "ID",
          10,
          "Repository",
          "REPOSITORY",
          "Tag",
          "TAG",
          "Digest",
          "DIGEST",
          "ID",
          "IMAGE ID",
          "CreatedSince",
          "CREATED",
          "Size",
          "SIZE");
  private static final ListFormat HISTORY =
      ListFormat.of(
          "ID",
          10,
          "ID",
          "IMAGE",
          "CreatedSince",
          "CREATED",
          "CreatedBy",
          "CREATED BY",
          "Size",
          "SIZE",
          "Comment",
          "COMMENT");

  private final Containers containers;
  private final Images images;
  private final Clock clock;
  private final Moments moments;

  public ImageCommands(Containers containers, Images images, Clock clock) {
    this.containers = containers;
    this.images = images;
    this.clock = clock;
    this.moments = new Moments(clock);
  }

  private static Map<String, Object> graphDriver() {
    Map<String, Object> driver = new LinkedHashMap<>();
    driver.put("Data", null);
    driver.put("Name", "overlayfs");
    return Collections.unmodifiableMap(driver);
  }

  /** Newest first, a row for each name. */
  String list(CommandRequest request) {
    NamedFilters filters =
        NamedFilters.parse(
            request, List.of("before", "dangling", "label", "reference", "since", "until"));
    String repository = request.arguments().isEmpty() ? "" : request.arguments().get(0);
    List<Map<String, Object>> rows =
        wanted(filters).stream()
            .flatMap(image -> rows(image, request.has("no-trunc")).stream())
            .filter(row -> isNamed(row, repository))
            .filter(row -> isOfPattern(row, filters.values().getOrDefault("reference", List.of())))
            .toList();
    return (request.has("digests") ? DIGESTS : LIST).render(request, rows);
  }

  /** Those that all filters but {@code reference} let through, newest first. */
  public List<ImageView> wanted(NamedFilters filters) {
    return images.list().stream()
        .filter(image -> isWanted(image, filters))
        .sorted(Comparator.comparing(ImageCommands::made).reversed())
        .toList();
  }

  private boolean isWanted(ImageView image, NamedFilters filters) {
    return filters.isTruth("dangling", image.references().isEmpty())
        && filters.labels(image.labels())
        && filters.until(moments, made(image))
        && filters.values().getOrDefault("before", List.of()).stream()
            .allMatch(other -> made(image).isBefore(made(find(other))))
        && filters.values().getOrDefault("since", List.of()).stream()
            .allMatch(other -> made(image).isAfter(made(find(other))));
  }

  private static Instant made(ImageView image) {
    return image.createdAt() == null ? Instant.EPOCH : image.createdAt();
  }

  private List<Map<String, Object>> rows(ImageView image, boolean whole) {
    List<Map<String, Object>> rows = new ArrayList<>();
    if (image.references().isEmpty()) {
      rows.add(row(image, NONE, NONE, whole));
    }
    for (String name : image.references()) {
      int colon = name.lastIndexOf(':');
      rows.add(row(image, name.substring(0, colon), name.substring(colon + 1), whole));
    }
    return rows;
  }

  private Map<String, Object> row(ImageView image, String repository, String tag, boolean whole) {
    long users =
        containers.list(Map.of()).stream().filter(v -> v.imageId().equals(image.id())).count();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("Containers", String.valueOf(users));
    row.put("CreatedAt", GoTime.seconds(image.createdAt(), moments.clock().getZone()));
    row.put("CreatedSince", since(image.createdAt()));
    row.put("Digest", digest(image, repository));
    row.put("ID", whole ? image.id() : Ids.brief(hex(image.id())));
    row.put("Repository", repository);
    row.put("SharedSize", "N/A");
    row.put("Size", HumanText.size(image.sizeBytes()));
    row.put("Tag", tag);
    row.put("UniqueSize", "N/A");
    row.put("VirtualSize", HumanText.size(image.sizeBytes()));
    return row;
  }

  private static String digest(ImageView image, String repository) {
    return image.repoDigests().stream()
        .filter(name -> name.startsWith(repository + "@"))
        .findFirst()
        .map(name -> name.substring(name.indexOf('@') + 1))
        .orElse(NONE);
  }

  /** As with Docker one of several patterns is enough. */
  private static boolean isOfPattern(Map<String, Object> row, List<String> patterns) {
    return patterns.isEmpty() || patterns.stream().anyMatch(pattern -> isNamed(row, pattern));
  }

  /**
   * By repository, with or without tag, in familiar form; {@code *} stands for anything but a
   * slash, {@code ?} for one such character, {@code [a-z]} for one of these.
   */
  private static boolean isNamed(Map<String, Object> row, String pattern) {
    String repository = String.valueOf(row.get("Repository"));
    return isNamed(repository, repository + ":" + row.get("Tag"), pattern);
  }

  /** As a filter {@code reference} does. */
  public static boolean isNamed(String repository, String name, String pattern) {
    NamePattern wanted = NamePattern.ofGlob(pattern.replaceFirst("^docker\\.io/(library/)?", ""));
    return pattern.isEmpty() || wanted.matches(repository) || wanted.matches(name);
  }

  private String since(@Nullable Instant made) {
    return made == null
        ? "N/A"
        : HumanText.duration(Duration.between(made, clock.instant())) + " ago";
  }

  String inspect(CommandRequest request) {
    return EachWord.found(
        request.arguments(),
        word -> object(find(word)),
        found -> ListFormat.inspect(request, found));
  }

  /** An image as {@code inspect} shows it; empty when there is none. */
  public Optional<Map<String, Object>> object(String ref) {
    return images.find(ref).map(this::object);
  }

  /** An image as Docker shows it, with null for what its configuration leaves out. */
  public Map<String, Object> object(ImageView image) {
    JsonNode config = config(image);
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("Type", "layers");
    root.put("Layers", values(config.path("rootfs").path("diff_ids")));
    Map<String, Object> object = new LinkedHashMap<>();
    object.put("Id", image.id());
    object.put("RepoTags", image.references());
    object.put("RepoDigests", image.repoDigests());
    object.put("Parent", "");
    object.put("Comment", comment(config));
    object.put("Created", image.createdAt() == null ? null : image.createdAt().toString());
    object.put("DockerVersion", "");
    object.put("Author", config.path("author").asText(""));
    object.put("Architecture", config.path("architecture").asText(""));
    object.put("Os", config.path("os").asText(""));
    object.put("Size", image.sizeBytes());
    object.put("GraphDriver", GRAPH_DRIVER);
    object.put("RootFS", root);
    Instant tagged = details(image).taggedAt();
    object.put("Metadata", Map.of("LastTagTime", tagged == null ? NEVER : tagged.toString()));
    object.put("Config", program(config.path("config")));
    return object;
  }

  /** Its own, or that of its last step. */
  private static String comment(JsonNode config) {
    JsonNode steps = config.path("history");
    String last = steps.path(steps.size() - 1).path("comment").asText("");
    return config.path("comment").asText(last);
  }

  private static Map<String, Object> program(JsonNode config) {
    Map<String, Object> program = new TreeMap<>();
    for (String list : List.of("Cmd", "Entrypoint", "Env", "Labels", "OnBuild", "Volumes")) {
      program.put(list, null);
    }
    program.put("User", "");
    program.put("WorkingDir", "");
    config
        .properties()
        .forEach(
            member ->
                program.put(
                    member.getKey(),
                    JsonText.MAPPER.convertValue(member.getValue(), Object.class)));
    return program;
  }

  private static List<Object> values(JsonNode array) {
    List<Object> values = new ArrayList<>();
    array.forEach(item -> values.add(item.asText()));
    return values;
  }

  private JsonNode config(ImageView image) {
    try {
      return JsonText.MAPPER.readTree(details(image).config());
    } catch (JsonProcessingException e) {
      throw new JcomposeException.Corrupt("the config of image " + image.id() + " is damaged", e);
    }
  }

  private ImageDetails details(ImageView image) {
    return images
        .details(image.id())
        .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + image.id()));
  }

  /** Topmost first; a step that made no layer has none of the sizes. */
  String history(CommandRequest request) {
    ImageView image = find(request.arguments().get(0));
    List<Map<String, Object>> rows = new ArrayList<>();
    for (Step step : steps(image)) {
      rows.add(row(step, request.has("no-trunc"), request.text("human").equals("false")));
    }
    if (!rows.isEmpty()) {
      rows.getFirst().put("ID", request.has("no-trunc") ? image.id() : Ids.brief(hex(image.id())));
    }
    return HISTORY.render(request, rows);
  }

  /**
   * A step of an image's history.
   *
   * @param created as it is written
   * @param bytes of its layer; 0 without one
   */
  public record Step(String created, String createdBy, String comment, long bytes) {
    /** When it was made; null for what is no time. */
    public @Nullable Instant at() {
      return time(created);
    }
  }

  /** The steps of an image, the last one first. */
  public List<Step> steps(ImageView image) {
    List<Images.LayerSize> layers = details(image).layers();
    List<Step> steps = new ArrayList<>();
    int layer = 0;
    for (JsonNode step : config(image).path("history")) {
      boolean empty = step.path("empty_layer").asBoolean(false);
      long bytes = empty || layer >= layers.size() ? 0 : layers.get(layer++).bytes();
      steps.addFirst(
          new Step(
              step.path("created").asText(""),
              step.path("created_by").asText(""),
              step.path("comment").asText(""),
              bytes));
    }
    return steps;
  }

  private Map<String, Object> row(Step step, boolean whole, boolean plain) {
    String by = HumanText.visible(step.createdBy());
    String created = GoTime.rfc3339(step.at(), moments.clock().getZone());
    long bytes = step.bytes();
    Map<String, Object> row = new LinkedHashMap<>();
    row.put("Comment", HumanText.visible(step.comment()));
    row.put("CreatedAt", created);
    row.put(
        "CreatedBy",
        whole || by.length() <= CREATED_BY_WIDTH
            ? by
            : by.substring(0, CREATED_BY_WIDTH - 1) + "…");
    row.put("CreatedSince", plain ? created : since(step.at()));
    row.put("ID", "<missing>");
    row.put("Size", plain ? String.valueOf(bytes) : HumanText.size(bytes));
    return row;
  }

  private static @Nullable Instant time(String text) {
    try {
      return OffsetDateTime.parse(text).toInstant();
    } catch (DateTimeParseException e) {
      return null;
    }
  }

  /** By force what is not there is removed already, as Docker has it. */
  String remove(CommandRequest request) {
    boolean force = request.has("force");
    return EachWord.done(
        request.arguments(),
        word ->
            force && images.find(word).isEmpty()
                ? ""
                : ListFormat.lines(images.remove(word, force)));
  }

  String tag(CommandRequest request) {
    if (request.arguments().size() != 2) {
      throw new JcomposeException.InvalidArgument("image tag needs an image and its new name");
    }
    images.tag(request.arguments().get(0), request.arguments().get(1));
    return "";
  }

  /** Images that no container has, and that the filters let through. */
  List<ImageView> unused(boolean all, NamedFilters filters) {
    Set<String> used =
        containers.list(Map.of()).stream().map(ContainerView::imageId).collect(Collectors.toSet());
    return images.list().stream()
        .filter(image -> !used.contains(image.id()))
        .filter(image -> all || image.references().isEmpty())
        .filter(image -> filters.labels(image.labels()))
        .filter(image -> filters.until(moments, made(image)))
        .toList();
  }

  private ImageView find(String ref) {
    return images
        .find(ref)
        .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + ref));
  }

  private static String hex(String digest) {
    return digest.substring(digest.indexOf(':') + 1);
  }
}
