package io.jcompose.build.solve;

import io.jcompose.build.cause.BuildInputs;
import io.jcompose.build.cause.StageInputs;
import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.dockerfile.Stage;
import io.jcompose.build.instruction.Arg;
import io.jcompose.build.instruction.Copy;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Run;
import io.jcompose.build.word.WordException;
import io.jcompose.build.word.Words;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.images.BuildLayers;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * One Dockerfile on its way to an image: which stages it needs, in which order, and what they stand
 * on. Stages that do not need each other are carried out at once. Thread-safe.
 */
final class OneBuild {
  private static final int BRIEF = "sha256:".length() + 12;

  private final Call call;
  private final BuildSpec spec;
  private final Dockerfile file;
  private final Words words;
  private final Map<String, String> global;
  private final Map<Integer, CompletableFuture<Finished>> stages = new TreeMap<>();
  private final BuildInputs inputs;
  private @Nullable Instant latest; // of a file

  /** A variable whose value is the time that an image says it is of. */
  static final String EPOCH = "SOURCE_DATE_EPOCH";

  /** A stage that is done. */
  record Finished(ImageState image, Map<String, @Nullable String> declared, boolean cached) {}

  /** An image that a stage stands on. */
  private record Base(ImageState image, String told) {}

  OneBuild(Call call, Job job) {
    this.call = call;
    this.spec = job.spec();
    this.file = job.file();
    this.words = new Words(file.directives().escape());
    this.global = global();
    this.inputs = new BuildInputs(call.site().past(), job.asked(), call.room());
    call.inputs().add(inputs);
  }

  static Map<String, String> platforms(BuildSpec spec) {
    Map<String, String> values = new LinkedHashMap<>();
    String host = BuildLayers.hostPlatform();
    platform(values, "BUILD", host);
    platform(values, "TARGET", spec.platform().isEmpty() ? host : spec.platform());
    values.put("TARGETSTAGE", spec.target().isEmpty() ? "default" : spec.target());
    return values;
  }

  private Map<String, String> global() {
    Map<String, String> values = platforms(spec);
    for (Arg arg : file.metaArgs()) {
      for (Arg.Entry entry : arg.entries()) {
        String value = spec.args().get(entry.name());
        if (value == null && entry.value() != null) {
          value = words.expand(entry.value(), values::get);
        }
        if (value != null) {
          call.budget().take(value.length());
          values.put(entry.name(), value);
        }
      }
    }
    return values;
  }

  private static void platform(Map<String, String> values, String kind, String platform) {
    String[] parts = platform.split("/", 3);
    values.put(kind + "PLATFORM", platform);
    values.put(kind + "OS", parts[0]);
    values.put(kind + "ARCH", parts.length > 1 ? parts[1] : "");
    values.put(kind + "VARIANT", parts.length > 2 ? parts[2] : "");
    values.put(kind + "OSVERSION", "");
  }

  /**
   * Begins it.
   *
   * @return what its target gives
   */
  CompletableFuture<Finished> start(Executor threads) {
    Stage target = target();
    Instant epoch = epoch();
    latest = spec.output().rewritesTimes() ? required(epoch) : null;
    for (int index : needed(target)) {
      Stage stage = file.stages().get(index);
      CompletableFuture<?>[] before = before(stage);
      stages.put(
          index,
          CompletableFuture.allOf(before).thenApplyAsync(ignored -> carryOut(stage), threads));
    }
    return epoch == null ? future(target) : future(target).thenApply(done -> asOf(epoch, done));
  }

  private static Finished asOf(Instant epoch, Finished finished) {
    ImageState image = finished.image.copy();
    image.asOf(epoch);
    return new Finished(image, finished.declared, finished.cached);
  }

  /**
   * When the image says it was made, by an argument of the build or a default of the file; null for
   * when it is.
   *
   * @throws JcomposeException.InvalidArgument when that is no number of seconds since 1970
   */
  private @Nullable Instant epoch() {
    String text = spec.args().getOrDefault(EPOCH, global.getOrDefault(EPOCH, ""));
    if (text.isEmpty()) {
      return null;
    }
    if (!text.matches("\\d{1,11}")) {
      throw new JcomposeException.InvalidArgument(
          "invalid " + EPOCH + " \"" + text + "\": it is seconds since 1970");
    }
    return Instant.ofEpochSecond(Long.parseLong(text));
  }

  private static Instant required(@Nullable Instant epoch) {
    if (epoch == null) {
      throw new JcomposeException.InvalidArgument(
          "rewrite-timestamp needs a time: give --build-arg "
              + EPOCH
              + "=SECONDS, or set it where the command is given");
    }
    return epoch;
  }

  private CompletableFuture<Finished> future(Stage stage) {
    return Objects.requireNonNull(stages.get(stage.index()), stage.from().text());
  }

  private Stage target() {
    String wanted = spec.target().toLowerCase(Locale.ROOT);
    if (wanted.isEmpty()) {
      return file.stages().getLast();
    }
    return stageNamed(wanted, file.stages().size())
        .orElseThrow(
            () ->
                new JcomposeException.NotFound(
                    "target stage \""
                        + spec.target()
                        + "\" could not be found; there are "
                        + String.join(
                            ", ",
                            file.stages().stream()
                                .map(s -> s.name() == null ? String.valueOf(s.index()) : s.name())
                                .toList())));
  }

  /** A stage before another by its name, the last that has it, or by its number. */
  private Optional<Stage> stageNamed(String name, int before) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (int i = before - 1; i >= 0; i--) {
      if (lower.equals(file.stages().get(i).name())) {
        return Optional.of(file.stages().get(i));
      }
    }
    if (name.matches("\\d{1,4}") && Integer.parseInt(name) < before) {
      return Optional.of(file.stages().get(Integer.parseInt(name)));
    }
    return Optional.empty();
  }

  private String base(Stage stage) {
    return words.expand(stage.from().image(), global::get);
  }

  /** The stage that another one stands on; by its name only. */
  private Optional<Stage> baseStage(Stage stage) {
    String name = base(stage);
    return name.matches("\\d+") ? Optional.empty() : stageNamed(name, stage.index());
  }

  private Set<Integer> needed(Stage target) {
    Set<Integer> all = new TreeSet<>();
    collect(target, all);
    return all;
  }

  private void collect(Stage stage, Set<Integer> all) {
    List<Stage> waiting = new ArrayList<>(List.of(stage));
    while (!waiting.isEmpty()) {
      Stage next = waiting.removeLast();
      if (all.add(next.index())) {
        waiting.addAll(stagesOf(next));
      }
    }
  }

  private List<Stage> stagesOf(Stage stage) {
    List<Stage> found = new ArrayList<>();
    baseStage(stage).ifPresent(found::add);
    for (String from : froms(stage)) {
      stageNamed(from, stage.index()).ifPresent(found::add);
    }
    return found;
  }

  private static Set<String> froms(Stage stage) {
    Set<String> froms = new LinkedHashSet<>();
    for (Instruction instruction : stage.instructions()) {
      if (instruction instanceof Copy copy && copy.from() != null) {
        froms.add(copy.from());
      }
      if (instruction instanceof Run run) {
        run.mounts().stream()
            .map(mount -> mount.from())
            .filter(Objects::nonNull)
            .forEach(froms::add);
      }
    }
    return froms;
  }

  private CompletableFuture<?>[] before(Stage stage) {
    List<CompletableFuture<?>> before = new ArrayList<>();
    stagesOf(stage).forEach(each -> before.add(future(each)));
    Set<String> names = froms(stage);
    names.add(base(stage));
    for (String name : names) {
      String context = spec.contexts().get(name);
      if (context != null && context.startsWith("target:")) {
        before.add(result(context));
      }
    }
    return before.toArray(CompletableFuture[]::new);
  }

  private CompletableFuture<ImageState> result(String context) {
    CompletableFuture<ImageState> result =
        call.results().get(context.substring("target:".length()));
    if (result == null) {
      throw new JcomposeException.InvalidArgument("there is no build for the context " + context);
    }
    return result;
  }

  private Finished carryOut(Stage stage) {
    call.isGivenUp().requireWanted();
    Optional<Stage> below = baseStage(stage);
    Base found = below.isPresent() ? null : baseImage(stage);
    Finished base =
        below.isPresent()
            ? future(below.get()).join()
            : new Finished(Objects.requireNonNull(found).image, Map.of(), true);
    ImageState image = base.image.copy();
    Scope scope = new Scope(words, spec.args(), global, name -> image.env().get(name));
    scope.inherit(base.declared);
    boolean cached =
        !spec.cache().disabled()
            && spec.cache().disabledStages().stream()
                .noneMatch(name -> name.equalsIgnoreCase(stage.name()));
    Sources sources = new StageSources(call, spec, this::stageImage, stage.index());
    StageInputs own =
        inputs.stage(
            stage.name() == null ? String.valueOf(stage.index()) : stage.name(),
            found == null ? "" : found.told,
            !base.cached);
    StageState state = new StageState(call, spec, file, image, scope, sources, cached, own, latest);
    boolean known = new StageBuild(state, stage).carryOut();
    return new Finished(image, scope.declared(), known && base.cached);
  }

  private Optional<ImageState> stageImage(String name, int before) {
    return stageNamed(name, before).map(this::done);
  }

  /** A trigger of a base may name a stage that nobody knew was needed: it is not waited for. */
  private ImageState done(Stage stage) {
    CompletableFuture<Finished> future = stages.get(stage.index());
    if (future == null || !future.isDone()) {
      throw new JcomposeException.InvalidArgument(
          "an ONBUILD of the base copies from stage "
              + stage.from().text()
              + ", which this stage does not stand on");
    }
    return future.join().image();
  }

  private Base baseImage(Stage stage) {
    String name = base(stage);
    if (name.isBlank()) {
      throw Failure.at(
          new JcomposeException.InvalidArgument(
              "base name (" + stage.from().image() + ") should not be blank"),
          file,
          stage.from().place());
    }
    String platform =
        stage.from().platform() == null
            ? spec.platform()
            : words.expand(stage.from().platform(), global::get);
    try {
      if (name.equals("scratch")) {
        String[] parts = (platform.isEmpty() ? BuildLayers.hostPlatform() : platform).split("/", 3);
        String variant = parts.length > 2 ? parts[2] : "";
        return new Base(ImageState.scratch(parts[0], parts[1], variant, call.budget()), name);
      }
      String context = spec.contexts().get(name);
      if (context != null && context.startsWith("target:")) {
        ImageState other = result(context).join();
        return new Base(other, name + " " + brief(last(other)));
      }
      String reference =
          context != null && context.startsWith("docker-image://")
              ? context.substring("docker-image://".length())
              : name;
      BuildLayers.Base base = call.layers().base(call.pulled(spec, reference, platform).id());
      return new Base(ImageState.of(base, call.budget()), reference + " " + brief(base.id()));
    } catch (JcomposeException e) {
      throw Failure.at(e, file, stage.from().place());
    }
  }

  private static String last(ImageState image) {
    return image.layers().isEmpty() ? "" : image.layers().getLast().diffId().toString();
  }

  /** The beginning of a digest, by which people tell two apart. */
  private static String brief(String digest) {
    return digest.substring(0, Math.min(digest.length(), BRIEF));
  }

  /** The error behind a future's. */
  static RuntimeException cause(CompletionException e) {
    if (e.getCause() instanceof WordException word) {
      return new JcomposeException.InvalidArgument(String.valueOf(word.getMessage()), word);
    }
    return e.getCause() instanceof CompletionException inner
        ? cause(inner)
        : e.getCause() instanceof RuntimeException cause ? cause : e;
  }
}
