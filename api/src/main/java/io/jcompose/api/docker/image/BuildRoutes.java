package io.jcompose.api.docker.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.jcompose.api.ApiPorts;
import io.jcompose.api.docker.call.Call;
import io.jcompose.api.docker.call.LateStream;
import io.jcompose.api.docker.call.Refusal;
import io.jcompose.api.docker.call.Routes;
import io.jcompose.api.text.JsonText;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.Ids;
import io.jcompose.core.ImageReference;
import io.jcompose.core.Resources;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.CachePlace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * {@code POST /build}: what Docker's former builder is asked for, by the one builder that there is.
 * The context is the body, or is elsewhere.
 */
public final class BuildRoutes {
  private static final Pattern STEP =
      Pattern.compile("\\[(?:.* )?(\\d+)/(\\d+)] (.*)", Pattern.DOTALL);
  private static final Pattern REMOTE =
      Pattern.compile("^(https?://|git://|git@|github\\.com/|ssh://)");
  private static final Path NOWHERE = Path.of("/");

  private final Builds builds;
  private final Routes.Work ofSessions;

  /**
   * @param ofSessions answers what is asked with a session of BuildKit
   */
  public BuildRoutes(ApiPorts ports, Routes.Work ofSessions) {
    this.builds = ports.builds();
    this.ofSessions = ofSessions;
  }

  public void addTo(Routes routes) {
    routes.post("/build", this::build);
  }

  private void build(Call call) throws IOException {
    refuse(call);
    if (call.query("version").equals("2")) {
      ofSessions.answer(call);
      return;
    }
    BuildSpec spec = spec(call);
    boolean quiet = call.is("q");
    JsonProgress.carryOut(
        call,
        RegistryHeaders.config(call),
        members -> quiet ? List.of() : rows(members),
        (progress, output) -> {
          String id;
          if (spec.context().isEmpty()) {
            try (Builds.Received received = call.taking(builds::receive)) {
              id = builds.build(List.of(received.of(spec)), progress).getFirst().imageId();
            }
          } else {
            id = builds.build(List.of(spec), progress).getFirst().imageId();
          }
          progress.flush();
          if (quiet) {
            stream(output, id + "\n");
            return;
          }
          JsonProgress.line(output, Map.of("aux", Map.of("ID", id)));
          stream(
              output, "Successfully built " + Ids.brief(id.substring(id.indexOf(':') + 1)) + "\n");
          for (String tag : spec.tags()) {
            stream(output, "Successfully tagged " + ImageReference.parse(tag).familiar() + "\n");
          }
        });
  }

  private static void stream(LateStream output, String text) {
    JsonProgress.line(output, Map.of("stream", text));
  }

  /** A step is told when it begins, or when it need not. */
  private static List<Map<String, Object>> rows(Map<String, Object> members) {
    if (!members.containsKey("parent_id")) {
      return List.of();
    }
    String text = String.valueOf(members.getOrDefault("text", ""));
    Matcher step = STEP.matcher(String.valueOf(members.get("id")));
    String title =
        step.matches()
            ? "Step %s/%s : %s\n".formatted(step.group(1), step.group(2), step.group(3))
            : "";
    return switch (String.valueOf(members.get("status"))) {
      case Builds.OUTPUT -> List.of(Map.of("stream", text + "\n"));
      case "Building" -> title.isEmpty() ? List.of() : List.of(Map.of("stream", title));
      case "Cached" ->
          title.isEmpty()
              ? List.of()
              : List.of(Map.of("stream", title), Map.of("stream", " ---> Using cache\n"));
      case "Warning" -> List.of(Map.of("stream", "[Warning] " + text + "\n"));
      default -> JsonProgress.layer(members).stream().filter(BuildRoutes::isOfALayer).toList();
    };
  }

  private static boolean isOfALayer(Map<String, Object> line) {
    return line.get("progressDetail") instanceof Map<?, ?> detail && !detail.isEmpty();
  }

  private static void refuse(Call call) {
    String remote = call.query("remote");
    if (!remote.isEmpty() && !remote.equals("client-session") && !REMOTE.matcher(remote).find()) {
      throw new Refusal(400, "remote is no URL of the web or of a git repository");
    }
    if (call.is("squash")) {
      throw Refusal.notYet("squashed images");
    }
    if (!Set.of("", "null", "[]").contains(call.query("outputs"))) {
      throw Refusal.notYet("outputs of a build other than the image");
    }
    if (!Set.of("", "default").contains(call.query("isolation"))) {
      throw new Refusal(400, "Unsupported isolation: " + Refusal.shown(call.query("isolation")));
    }
    if (!call.query("cgroupparent").isEmpty()) {
      throw Refusal.notYet("a control group of one's own for a build");
    }
  }

  private static BuildSpec spec(Call call) {
    List<String> tags = call.queries("t").stream().filter(tag -> !tag.isEmpty()).toList();
    tags.forEach(tag -> ImageReference.parse(tag));
    String remote = call.query("remote");
    return BuildSpec.of(tags.isEmpty() ? "image" : tags.getFirst(), NOWHERE)
        .with()
        .context(remote.equals("client-session") ? "" : remote)
        .dockerfile(call.query("dockerfile"))
        .target(call.query("target"))
        .platform(call.query("platform"))
        .args(pairs(call, "buildargs"))
        .labels(pairs(call, "labels"))
        .tags(tags)
        .steps(steps(call))
        .cache(
            BuildSpec.Cache.DEFAULT
                .with()
                .disabled(call.is("nocache"))
                .pull(call.is("pull"))
                .from(
                    words(call, "cachefrom").stream()
                        .map(word -> CachePlace.from(word, NOWHERE))
                        .toList())
                .build())
        .build();
  }

  private static BuildSpec.Steps steps(Call call) {
    String network = call.query("networkmode");
    boolean host = network.equals("host");
    return new BuildSpec.Steps(
        Set.of("default", "bridge").contains(network) ? "" : network,
        call.queries("extrahosts").stream()
            .filter(word -> !word.isEmpty())
            .map(word -> word.contains("=") ? word : word.replaceFirst(":", "="))
            .toList(),
        number(call, "shmsize"),
        ulimits(call),
        Resources.UNLIMITED
            .with()
            .memoryBytes(number(call, "memory"))
            .memorySwapBytes(number(call, "memswap"))
            .cpuShares(number(call, "cpushares"))
            .cpuPeriodMicros(number(call, "cpuperiod"))
            .cpuQuotaMicros(number(call, "cpuquota"))
            .cpusetCpus(call.query("cpusetcpus"))
            .cpusetMems(call.query("cpusetmems"))
            .build(),
        host ? List.of("network.host") : List.of());
  }

  private static long number(Call call, String name) {
    String text = call.query(name);
    if (!text.matches("(-?[0-9]{1,18})?")) {
      throw Refusal.noNumber("ParseInt", text);
    }
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  /** A JSON object of texts; one that is null is left out. */
  private static Map<String, String> pairs(Call call, String name) {
    Map<String, String> pairs = new LinkedHashMap<>();
    document(call, name)
        .properties()
        .forEach(
            entry -> {
              if (entry.getValue().isTextual()) {
                pairs.put(entry.getKey(), entry.getValue().asText());
              } else if (!entry.getValue().isNull()) {
                throw invalid(name);
              }
            });
    return pairs;
  }

  private static List<String> words(Call call, String name) {
    List<String> words = new ArrayList<>();
    document(call, name).forEach(word -> words.add(word.asText()));
    return words;
  }

  private static Map<String, Ulimit> ulimits(Call call) {
    Map<String, Ulimit> limits = new LinkedHashMap<>();
    document(call, "ulimits")
        .forEach(
            one ->
                limits.put(
                    one.path("Name").asText(),
                    new Ulimit(one.path("Soft").asLong(), one.path("Hard").asLong())));
    return limits;
  }

  private static JsonNode document(Call call, String name) {
    String text = call.query(name);
    try {
      return text.isEmpty() ? JsonText.MAPPER.createObjectNode() : JsonText.MAPPER.readTree(text);
    } catch (JsonProcessingException e) {
      throw invalid(name);
    }
  }

  private static Refusal invalid(String name) {
    return new Refusal(400, "error reading " + name + ": it is not the JSON that is asked for");
  }
}
