package io.jcompose.build.solve;

import io.jcompose.build.StepRunner;
import io.jcompose.build.instruction.Command;
import io.jcompose.build.instruction.Heredoc;
import io.jcompose.build.instruction.Run;
import io.jcompose.build.lint.SecretNames;
import io.jcompose.build.mount.RunMount;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.sync.GivenUp;
import io.jcompose.images.BuildLayer;
import io.jcompose.images.BuildLayers;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/** RUN: a command on the layers so far, whose writes are a layer. Confined to one thread. */
final class CommandStep {
  private static final Pattern SECRET =
      Pattern.compile("(?i)pass|pwd|secret|token|key|cred|auth|dsn|(?:^|_)pat$");

  private static final int TAIL_LINES = 40;
  private static final int LINE = 2_000;
  private static final String HEREDOCS = "/dev/pipes/";

  private final StageState stage;
  private final Run run;
  private final String row;
  private final Deque<String> tail = new ArrayDeque<>();

  CommandStep(StageState stage, Run run, String row) {
    this.stage = stage;
    this.run = run;
    this.row = row;
  }

  StageState.Done carryOut() {
    List<RunMount> mounts =
        run.mounts().stream().map(flag -> flag.resolve(stage.scope()::expand)).toList();
    requireAllowed();
    List<FileSpec> files = new ArrayList<>();
    List<String> words = words(files);
    try (StepMounts prepared = new StepMounts(stage, mounts)) {
      StepKey key = key(words, files, prepared);
      StageState.Done done =
          stage.step(
              key,
              row,
              history(),
              () -> alone(prepared.exclusive(), () -> execute(words, files, prepared)));
      stage.image().layered(done.layer(), done.at(), history());
      return done;
    }
  }

  /** Work while no other step has any of the caches. */
  private BuildLayer alone(List<String> caches, Supplier<BuildLayer> work) {
    return caches.isEmpty()
        ? work.get()
        : stage
            .call()
            .site()
            .turns()
            .locked(
                caches.getFirst(),
                stage.call().isGivenUp(),
                () -> alone(caches.subList(1, caches.size()), work));
  }

  private void requireAllowed() {
    List<String> allowed = stage.spec().steps().entitlements();
    if (run.security() == Run.Security.INSECURE && !allowed.contains("security.insecure")) {
      throw new JcomposeException.PermissionDenied(
          "RUN --security=insecure needs the entitlement security.insecure (--allow, or"
              + " `entitlements` and `privileged` of a compose file's build)");
    }
    if (run.network() == Run.Network.HOST
        && !allowed.contains("network.host")
        && !stage.spec().steps().network().equals("host")) {
      throw new JcomposeException.PermissionDenied(
          "RUN --network=host needs the entitlement network.host (--allow, or `entitlements` of a"
              + " compose file's build)");
    }
  }

  /** The command, and the files that its here-documents are. */
  private List<String> words(List<FileSpec> files) {
    Command command = run.command();
    if (!command.shellForm()) {
      return command.words();
    }
    List<String> words = new ArrayList<>(stage.image().shell());
    words.add(line(command.line(), files));
    return words;
  }

  private String line(String line, List<FileSpec> files) {
    if (run.heredocs().isEmpty()) {
      return line;
    }
    Heredoc first = run.heredocs().getFirst();
    if (run.isScript() && first.text().startsWith("#!")) {
      String path = HEREDOCS + first.name();
      files.add(new FileSpec(first.name(), path, null, first.text(), 0, 0, 0755, false));
      return path;
    }
    if (run.isScript()) {
      return first.text();
    }
    StringBuilder all = new StringBuilder(line);
    for (Heredoc document : run.heredocs()) {
      // The shell strips tabs and expands by itself, as its own mark in the line says.
      all.append('\n').append(document.content()).append(document.name());
    }
    return all.append('\n').toString();
  }

  private StepKey key(List<String> words, List<FileSpec> files, StepMounts mounts) {
    ImageState image = stage.image();
    StepKey key = new StepKey(run, image.layers());
    key.hidden("the command", words);
    for (FileSpec file : files) {
      key.hidden("<<" + file.target(), List.of(String.valueOf(file.content())));
    }
    mounts.describe(key);
    stage.scope().arguments().forEach(line -> variable(key, "ARG ", line));
    variables().forEach(line -> variable(key, "ENV ", line));
    key.add("WORKDIR", image.workingDir()).add("USER", image.user());
    key.add("--network", run.network().name() + " " + network());
    key.add("--security", run.security().name());
    BuildSpec.Steps limits = stage.spec().steps();
    key.add("the size of /dev/shm", String.valueOf(limits.shmSizeBytes()));
    key.hidden("--add-host", limits.extraHosts()).hidden("--ulimit", limits.ulimits());
    return key.add("the processor", image.root().path("architecture").asText());
  }

  /** Whose name is that of a secret is not shown. */
  private static void variable(StepKey key, String kind, String line) {
    int equals = line.indexOf('=');
    String name = equals < 0 ? line : line.substring(0, equals);
    String value = equals < 0 ? "" : line.substring(equals + 1);
    if (isLikelySecret(name, value)) {
      key.hidden(kind + name, List.of(value));
    } else {
      key.add(kind + name, value);
    }
  }

  /** The image's. */
  private List<String> variables() {
    List<String> env = new ArrayList<>(stage.image().texts("Env"));
    if (!stage.image().env().containsKey("PATH")) {
      env.addFirst(ImageState.PATH);
    }
    return env;
  }

  private List<String> env() {
    List<String> env = variables();
    env.addAll(stage.scope().arguments());
    return env;
  }

  private String network() {
    return switch (run.network()) {
      case NONE -> "none";
      case HOST -> "host";
      case DEFAULT -> stage.spec().steps().network();
    };
  }

  private BuildLayer execute(List<String> words, List<FileSpec> files, StepMounts mounts) {
    stage.call().report(stage.spec(), row, "Building");
    ImageState image = stage.image();
    BuildLayers layers = stage.call().layers();
    mounts.prepare();
    List<String> env = new ArrayList<>(env());
    env.addAll(stage.scope().proxies());
    env.addAll(mounts.env());
    List<FileSpec> all = new ArrayList<>(files);
    all.addAll(mounts.files());
    StepRunner.Step step =
        new StepRunner.Step(
            layers.draft(image.layers(), image.runDocument()),
            image.layers(),
            words,
            env,
            image.workingDir(),
            image.user(),
            mounts.mounts(),
            all,
            network(),
            run.security() == Run.Security.INSECURE,
            stage.spec().steps());
    StepRunner.Result result =
        stage.call().site().runner().run(step, layers, this::printed, stage.call().isGivenUp());
    if (result.exitCode() != 0) {
      throw failed(step, layers, result);
    }
    List<String> targets = new ArrayList<>(mounts.targets());
    all.forEach(file -> targets.add(file.target()));
    return sealed(layers, targets, result);
  }

  /** The step's failure, told after the caller has looked around in the container, if wanted. */
  private JcomposeException failed(
      StepRunner.Step step, BuildLayers layers, StepRunner.Result result) {
    String message = message(step.words(), result);
    Progress.Terminal terminal = stage.call().progress().terminal();
    GivenUp isGivenUp = stage.call().isGivenUp();
    if (terminal == null || isGivenUp.getAsBoolean() || !terminal.take()) {
      layers.discard(result.written());
      return new JcomposeException.Conflict(message);
    }
    stage.call().report(stage.spec(), row, "Error");
    try {
      new FailedStep(stage, step, result).show(terminal);
    } catch (JcomposeException e) {
      stage.call().warn(stage.spec(), "no shell could be opened: " + e.getMessage());
    }
    return new JcomposeException.CommandFailed(message, result.exitCode());
  }

  private BuildLayer sealed(BuildLayers layers, List<String> targets, StepRunner.Result result) {
    boolean whole = false;
    try {
      MountPoints.remove(result.written(), targets);
      whole = true;
    } finally {
      if (!whole) {
        layers.discard(result.written());
      }
    }
    return stage.sealed(result.written());
  }

  private void printed(String line) {
    String shown = line.length() > LINE ? line.substring(0, LINE) + "…" : line;
    stage.call().printed(stage.spec(), row, shown);
    synchronized (tail) {
      tail.addLast(shown);
      if (tail.size() > TAIL_LINES) {
        tail.removeFirst();
      }
    }
  }

  private String message(List<String> words, StepRunner.Result result) {
    List<String> printed;
    synchronized (tail) {
      printed = List.copyOf(tail);
    }
    String ended = result.outOfMemory() ? "ran out of memory" : "exit code: " + result.exitCode();
    return "process \"%s\" did not complete successfully: %s%s"
        .formatted(String.join(" ", words), ended, Failure.output(printed));
  }

  /** As BuildKit's, arguments included, which is what tools look for. */
  String history() {
    List<String> words = new ArrayList<>();
    List<String> arguments = stage.scope().told();
    if (!arguments.isEmpty()) {
      words.add("|" + arguments.size());
      words.addAll(arguments);
    }
    if (run.command().shellForm()) {
      words.addAll(stage.image().shell());
      words.add(line(run.command().line(), new ArrayList<>()));
    } else {
      words.addAll(run.command().words());
    }
    return "RUN " + String.join(" ", words) + " # buildkit";
  }

  /** More than the check of Dockerfiles warns of, which has BuildKit's names: a login in a URL. */
  private static boolean isLikelySecret(String name, String value) {
    return SecretNames.isOne(name) || SECRET.matcher(name).find() || value.contains("@");
  }
}
