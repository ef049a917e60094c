package io.jcompose.api.docker.image;

import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.QueryFilters;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.docker.model.HistoryItem;
import io.jcompose.api.docker.model.ImageSummary;
import io.jcompose.api.host.ImageCommands;
import io.jcompose.api.request.NamedFilters;
import io.jcompose.core.ContainerView;
import io.jcompose.core.Containers;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Images;
import io.jcompose.core.Images.ImageView;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code /images}: lists them, shows one and its history. */
public final class ImageRoutes {
  private static final Set<String> KNOWN =
      Set.of("before", "dangling", "label", "label!", "reference", "since", "until");

  private final Containers containers;
  private final Images images;
  private final ImageCommands commands;

  public ImageRoutes(ApiPorts ports, Clock clock) {
    this.containers = ports.containers();
    this.images = ports.images();
    this.commands = new ImageCommands(containers, images, clock);
  }

  public void addTo(Routes routes) {
    routes.get("/images/json", this::list);
    routes.get(
        "/images/{name*}/json",
        call ->
            call.json(
                OlderImages.shaped(
                    commands.object(find(images, call.name("name"))), call.minor())));
    routes.get("/images/{name*}/history", this::history);
    routes.post("/images/{name*}/tag", this::tag);
    routes.delete("/images/{name*}", this::remove);
  }

  private void list(Call call) throws IOException {
    NamedFilters filters = call.filters(KNOWN);
    QueryFilters.isTruth(filters, "dangling", true); // refuses other words
    Map<String, Long> users = users(containers);
    List<Object> summaries = new ArrayList<>();
    for (ImageView image : commands.wanted(filters)) {
      of(image, filters.of("reference"))
          .map(shown -> OlderImages.listed(summary(shown, users, -1), call.minor()))
          .ifPresent(summaries::add);
    }
    call.json(summaries);
  }

  /** The image with those of its names that a pattern means; empty when none is. */
  private static Optional<ImageView> of(ImageView image, List<String> patterns) {
    if (patterns.isEmpty()) {
      return Optional.of(image);
    }
    List<String> names =
        image.references().stream()
            .filter(name -> isAny(name.substring(0, name.lastIndexOf(':')), name, patterns))
            .toList();
    Set<String> repositories =
        names.stream()
            .map(name -> name.substring(0, name.lastIndexOf(':')))
            .collect(Collectors.toSet());
    List<String> digests =
        image.repoDigests().stream()
            .filter(digest -> repositories.contains(digest.substring(0, digest.indexOf('@'))))
            .toList();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(image.withReferences(names).withRepoDigests(digests));
  }

  private static boolean isAny(String repository, String name, List<String> patterns) {
    return patterns.stream().anyMatch(one -> ImageCommands.isNamed(repository, name, one));
  }

  /** How many containers there are of each image, by its id. */
  public static Map<String, Long> users(Containers containers) {
    return containers.list(Map.of()).stream()
        .collect(Collectors.groupingBy(ContainerView::imageId, Collectors.counting()));
  }

  public static ImageSummary summary(ImageView image, Map<String, Long> users, long sharedBytes) {
    return new ImageSummary(
        users.getOrDefault(image.id(), 0L),
        seconds(image.createdAt()),
        image.id(),
        image.labels().isEmpty() ? null : new TreeMap<>(image.labels()),
        "",
        image.repoDigests(),
        image.references(),
        sharedBytes,
        image.sizeBytes());
  }

  private static long seconds(@Nullable Instant at) {
    return at == null ? 0 : at.getEpochSecond();
  }

  private void history(Call call) throws IOException {
    ImageView image = find(images, call.name("name"));
    List<HistoryItem> items = new ArrayList<>();
    for (ImageCommands.Step step : commands.steps(image)) {
      boolean last = items.isEmpty();
      items.add(
          new HistoryItem(
              step.comment(),
              seconds(step.at()),
              step.createdBy(),
              last ? image.id() : "<missing>",
              step.bytes(),
              last && !image.references().isEmpty() ? image.references() : null));
    }
    call.json(items);
  }

  private void tag(Call call) throws IOException {
    ImageView image = find(images, call.name("name"));
    String repository = call.query("repo");
    String tag = call.query("tag");
    if (!repository.isEmpty()) {
      images.tag(image.id(), tag.isEmpty() ? repository : repository + ":" + tag);
    }
    call.done(repository.isEmpty() ? 200 : 201);
  }

  private void remove(Call call) throws IOException {
    String name = call.name("name");
    find(images, name);
    List<Map<String, String>> done = new ArrayList<>();
    for (String line : images.remove(name, call.is("force"))) {
      int colon = line.indexOf(": ");
      if (colon > 0) { // Untagged: x, Deleted: y
        done.add(Map.of(line.substring(0, colon), line.substring(colon + 2)));
      }
    }
    call.json(done);
  }

  /**
   * The image of a name or an id.
   *
   * @throws JcomposeException.NotFound {@code No such image: x:latest}
   * @throws JcomposeException.InvalidArgument for what is neither
   */
  static ImageView find(Images images, String name) {
    return images
        .find(name)
        .orElseThrow(() -> new JcomposeException.NotFound("No such image: " + familiar(name)));
  }

  private static String familiar(String name) {
    return name.matches("(sha256:)?[0-9a-f]{12,64}") ? name : ImageReference.parse(name).familiar();
  }
}
