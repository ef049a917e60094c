package io.jcompose.api.build;

import io.jcompose.api.request.CommandRequest;
import io.jcompose.core.ByteSize;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Resources;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.CachePlace;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code image build [OPTIONS] PATH}: docker's options in the engine's words. Immutable. */
final class ImageBuildRequest {
  /** The context that comes from standard input. */
  static final String STDIN = "-";

  private static final List<String> REMOTE =
      List.of("https://", "http://", "git://", "ssh://", "github.com/", "git@");

  private final CommandRequest request;
  private final Path folder;
  private final Map<String, String> env;

  ImageBuildRequest(CommandRequest request) {
    this.request = request;
    this.folder = Path.of(request.member("cwd"));
    this.env = request.env();
  }

  /**
   * @throws JcomposeException.InvalidArgument for words that cannot be meant
   */
  BuildSpec spec() {
    String context = context();
    List<String> tags = new ArrayList<>(request.list("tag"));
    tags.addAll(request.members("outputNames"));
    String text = request.member("dockerfileText");
    return new BuildSpec(
        tags.isEmpty() ? name(context) : tags.getFirst(),
        context,
        text.isEmpty() ? dockerfile(context) : "",
        text.isEmpty() ? null : text,
        contexts(),
        request.text("target"),
        platform(),
        args(),
        BuildWords.labels(request.list("label")),
        tags,
        steps(),
        new BuildSpec.Cache(
            request.has("no-cache"),
            request.list("no-cache-filter").stream()
                .flatMap(word -> List.of(word.split(",")).stream())
                .toList(),
            request.has("pull"),
            request.has("why"),
            request.list("cache-from").stream().map(word -> CachePlace.from(word, folder)).toList(),
            request.list("cache-to").stream().map(word -> CachePlace.to(word, folder)).toList()),
        request.list("secret").stream().map(word -> BuildWords.secret(word, folder, env)).toList(),
        BuildWords.ssh(request),
        new BuildSpec.Output(annotations(), request.is("rewriteTimestamp")));
  }

  /** Of the options, and of the outputs. */
  private Map<String, String> annotations() {
    Map<String, String> all = new LinkedHashMap<>();
    request.list("annotation").forEach(word -> BuildWords.annotation(word, all));
    all.putAll(request.texts("outputAnnotations"));
    return all;
  }

  /** The time that the caller's environment wants of what is built counts, as with buildx. */
  private Map<String, String> args() {
    Map<String, String> args = BuildWords.args(request.list("build-arg"), env);
    String epoch = env.getOrDefault("SOURCE_DATE_EPOCH", "");
    if (!epoch.isEmpty()) {
      args.putIfAbsent("SOURCE_DATE_EPOCH", epoch);
    }
    return args;
  }

  private String context() {
    if (request.arguments().size() != 1) {
      throw new JcomposeException.InvalidArgument("image build needs one PATH or URL");
    }
    String word = request.arguments().getFirst();
    if (word.equals(STDIN)) {
      return "";
    }
    return isRemote(word) ? word : folder.resolve(word).normalize().toString();
  }

  private static String name(String context) {
    String name = context.substring(context.lastIndexOf('/') + 1);
    return name.isEmpty() ? "image" : name;
  }

  private static boolean isRemote(String word) {
    return word.contains("://") || REMOTE.stream().anyMatch(word::startsWith);
  }

  /** As docker takes it: from where the command was given; in another context, from its root. */
  private String dockerfile(String context) {
    String file = request.text("file");
    return file.isEmpty() || context.isEmpty() || isRemote(context)
        ? file
        : folder.resolve(file).normalize().toString();
  }

  private Map<String, String> contexts() {
    Map<String, String> contexts = new LinkedHashMap<>();
    for (String word : request.list("build-context")) {
      int equals = word.indexOf('=');
      if (equals < 1) {
        throw new JcomposeException.InvalidArgument(
            "invalid --build-context " + word + ": write NAME=PATH or NAME=docker-image://IMAGE");
      }
      String place = word.substring(equals + 1);
      contexts.put(
          word.substring(0, equals),
          isRemote(place) ? place : folder.resolve(place).normalize().toString());
    }
    return contexts;
  }

  private String platform() {
    String given = request.text("platform");
    if (given.contains(",")) {
      throw new JcomposeException.NotSupported(
          "--platform " + given + ": an image is built for one platform");
    }
    return given.isEmpty() ? env.getOrDefault("DOCKER_DEFAULT_PLATFORM", "") : given;
  }

  private BuildSpec.Steps steps() {
    String network = request.text("network");
    Set<String> entitlements = new LinkedHashSet<>(request.list("allow"));
    if (network.equals("host")) {
      entitlements.add("network.host");
    }
    return new BuildSpec.Steps(
        network.equals("default") ? "" : network,
        request.list("add-host").stream()
            .map(word -> word.contains("=") ? word : word.replaceFirst(":", "="))
            .toList(),
        bytes("shm-size"),
        BuildWords.ulimits(request.list("ulimit")),
        limits(),
        List.copyOf(entitlements));
  }

  /** As docker's former builder has them. */
  private Resources limits() {
    String swap = request.text("memory-swap");
    return Resources.UNLIMITED
        .with()
        .memoryBytes(bytes("memory"))
        .memorySwapBytes(swap.equals("-1") ? -1 : bytes("memory-swap"))
        .cpuShares(number("cpu-shares"))
        .cpuPeriodMicros(number("cpu-period"))
        .cpuQuotaMicros(number("cpu-quota"))
        .cpusetCpus(request.text("cpuset-cpus"))
        .cpusetMems(request.text("cpuset-mems"))
        .build();
  }

  private long number(String option) {
    String text = request.text(option);
    if (!text.matches("-?\\d{0,12}")) {
      throw new JcomposeException.InvalidArgument(
          "invalid --" + option + " " + text + ": it is a whole number");
    }
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  private long bytes(String option) {
    String text = request.text(option);
    return text.isEmpty() ? 0 : ByteSize.parse(text);
  }
}
