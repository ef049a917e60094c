package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.core.ContainerSpec.Ulimit;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.CachePlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What the options of the frontend {@code dockerfile.v0} say. Those that are not carried out are
 * refused by name. Immutable.
 */
final class FrontendOptions {
  private static final Path NOWHERE = Path.of("/");
  private static final Pattern PLACES =
      Pattern.compile(
          "^(local:|input:|docker-image://|https?://|git://|ssh://|git@|github\\.com/)");
  private static final Set<String> KNOWN =
      Set.of(
          "filename",
          "target",
          "platform",
          "no-cache",
          "image-resolve-mode",
          "force-network-mode",
          "add-hosts",
          "shm-size",
          "ulimit",
          "context",
          "contextkey",
          "dockerfilekey",
          "requestid",
          "multi-platform",
          "frontend.caps",
          "cache-imports",
          "cache-from",
          "source",
          "cmdline",
          "build-arg",
          "label",
          "local-sessionid",
          "sharedkey",
          "input",
          "input-metadata",
          "vcs");

  private final Map<String, String> options;

  /**
   * @throws JcomposeException.NotSupported for what is not carried out
   */
  FrontendOptions(Map<String, String> options) {
    this.options = options;
    for (String name : options.keySet()) {
      String kind = name.split(":", 2)[0];
      if (!KNOWN.contains(kind) && !kind.equals("context")) {
        throw new JcomposeException.NotSupported(
            "the option " + name + " of a build is not carried out");
      }
    }
    options.forEach(
        (name, value) -> {
          boolean place = name.equals("context") || name.startsWith("context:");
          if (place && !PLACES.matcher(value).find()) {
            throw new JcomposeException.InvalidArgument(
                name
                    + "="
                    + value
                    + " is no context of a client: neither sent, nor an image or URL");
          }
        });
    String multi = text("multi-platform");
    if (multi.equals("true") || text("platform").contains(",")) {
      throw new JcomposeException.NotSupported("an image is built for one platform");
    }
    String source = text("source");
    if (!source.isEmpty() && !source.matches("(docker\\.io/)?docker/dockerfile(-upstream)?:.*")) {
      throw new JcomposeException.NotSupported("the frontend " + source + " is not carried out");
    }
  }

  String text(String name) {
    return options.getOrDefault(name, "");
  }

  String filename() {
    return options.getOrDefault("filename", "Dockerfile");
  }

  /** The client's name of the folder that has the Dockerfile, and of the context. */
  String folder(String key, String otherwise) {
    return options.getOrDefault(key, otherwise);
  }

  /** Options whose names begin so, by the rest of their names. */
  Map<String, String> all(String prefix) {
    Map<String, String> found = new LinkedHashMap<>();
    options.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            found.put(name.substring(prefix.length()), value);
          }
        });
    return found;
  }

  /**
   * The build, without its files.
   *
   * @param request the client's {@code Control/Solve}
   * @param imports where results of steps are looked for
   */
  BuildSpec spec(ProtoMessage request, List<ProtoMessage> imports) {
    String skipped = options.get("no-cache");
    List<CachePlace> from =
        Stream.concat(imports.stream(), request.message(8).messages(5).stream())
            .map(FrontendOptions::words)
            .distinct()
            .map(words -> CachePlace.from(words, NOWHERE))
            .toList();
    List<CachePlace> to =
        request.message(8).messages(4).stream()
            .map(FrontendOptions::words)
            .map(words -> CachePlace.to(words, NOWHERE))
            .toList();
    return BuildSpec.of(StatusMessages.NAME, NOWHERE)
        .with()
        .target(text("target"))
        .platform(text("platform"))
        .args(all("build-arg:"))
        .labels(all("label:"))
        .steps(steps(request.texts(9)))
        .cache(
            BuildSpec.Cache.DEFAULT
                .with()
                .disabled(skipped != null && skipped.isEmpty())
                .disabledStages(skipped == null ? List.of() : list(skipped))
                .pull(text("image-resolve-mode").equals("pull"))
                .from(from)
                .to(to)
                .build())
        .build();
  }

  /** {@code CacheOptionsEntry}; a folder would be the client's, which this host does not have. */
  private static String words(ProtoMessage entry) {
    String type = entry.text(1);
    if (type.equals("local")) {
      throw new JcomposeException.NotSupported(
          "a cache of type=local is the client's, and not carried out for it; a registry's is");
    }
    return Stream.concat(
            Stream.of("type=" + type),
            entry.map(2).entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()))
        .collect(Collectors.joining(","));
  }

  private static List<String> list(String text) {
    return text.isEmpty() ? List.of() : Arrays.asList(text.split(","));
  }

  private BuildSpec.Steps steps(List<String> entitlements) {
    String network = text("force-network-mode");
    List<String> allowed = new ArrayList<>(entitlements);
    if (network.equals("host") && !allowed.contains("network.host")) {
      allowed.add("network.host"); // as Docker's, where who may build may all
    }
    return new BuildSpec.Steps(
        Set.of("default", "sandbox").contains(network) ? "" : network,
        list(text("add-hosts")),
        number("shm-size"),
        ulimits(),
        Resources.UNLIMITED,
        allowed);
  }

  private long number(String name) {
    String text = text(name);
    if (!text.matches("[0-9]{0,18}")) {
      throw new JcomposeException.InvalidArgument("invalid " + name + ": " + text);
    }
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  private Map<String, Ulimit> ulimits() {
    Map<String, Ulimit> limits = new LinkedHashMap<>();
    for (String word : list(text("ulimit"))) {
      if (!word.matches("[a-z]+=-?[0-9]{1,18}(:-?[0-9]{1,18})?")) {
        throw new JcomposeException.InvalidArgument("invalid ulimit: " + word);
      }
      String[] values = word.substring(word.indexOf('=') + 1).split(":");
      limits.put(
          word.substring(0, word.indexOf('=')),
          new Ulimit(Long.parseLong(values[0]), Long.parseLong(values[values.length - 1])));
    }
    return limits;
  }
}
