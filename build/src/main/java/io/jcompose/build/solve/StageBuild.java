package io.jcompose.build.solve;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.jcompose.build.context.Copying;
import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.dockerfile.DockerfileException;
import io.jcompose.build.dockerfile.Stage;
import io.jcompose.build.ignore.PatternException;
import io.jcompose.build.instruction.Add;
import io.jcompose.build.instruction.Arg;
import io.jcompose.build.instruction.Cmd;
import io.jcompose.build.instruction.Command;
import io.jcompose.build.instruction.Copy;
import io.jcompose.build.instruction.Entrypoint;
import io.jcompose.build.instruction.Env;
import io.jcompose.build.instruction.Expose;
import io.jcompose.build.instruction.From;
import io.jcompose.build.instruction.Healthcheck;
import io.jcompose.build.instruction.Instruction;
import io.jcompose.build.instruction.Label;
import io.jcompose.build.instruction.Maintainer;
import io.jcompose.build.instruction.Onbuild;
import io.jcompose.build.instruction.Pair;
import io.jcompose.build.instruction.Place;
import io.jcompose.build.instruction.Run;
import io.jcompose.build.instruction.Shell;
import io.jcompose.build.instruction.Stopsignal;
import io.jcompose.build.instruction.User;
import io.jcompose.build.instruction.Volume;
import io.jcompose.build.instruction.Workdir;
import io.jcompose.build.word.WordException;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.BuildLayer;
import io.jcompose.images.BuildLayers;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.mount.UnionView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Carries the instructions of a stage out, one after the other. Confined to one thread. */
final class StageBuild {
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");
  private static final int SHOWN = 120;

  private final StageState state;
  private final Stage stage;
  private final ImageState image;
  private final Scope scope;
  private boolean commandIsOwn;
  private int number = 1;
  private int total = 1;
  private boolean anyMade;

  StageBuild(StageState state, Stage stage) {
    this.state = state;
    this.stage = stage;
    this.image = state.image();
    this.scope = state.scope();
  }

  /**
   * Carries it out.
   *
   * @return whether all steps were known
   */
  boolean carryOut() {
    List<String> triggers = image.texts("OnBuild");
    image.config().remove("OnBuild");
    List<Instruction> all = new ArrayList<>();
    for (String trigger : triggers) {
      all.add(trigger(trigger));
    }
    all.addAll(stage.instructions());
    total += (int) all.stream().filter(StageBuild::givesLayer).count();
    for (int i = 0; i < all.size(); i++) {
      state.call().isGivenUp().requireWanted();
      step(all.get(i), i < triggers.size() ? stage.from().place() : all.get(i).place());
    }
    return !anyMade;
  }

  private Instruction trigger(String text) {
    try {
      return Dockerfile.parseTrigger(text, "ONBUILD of " + stage.from().image());
    } catch (DockerfileException e) {
      throw e.toError(List.of(text));
    }
  }

  private static boolean givesLayer(Instruction instruction) {
    return switch (instruction) {
      case Run r -> true;
      case Copy c -> true;
      case Add a -> true;
      case Workdir w -> true;
      default -> false;
    };
  }

  private void step(Instruction instruction, Place place) {
    String row = "";
    if (givesLayer(instruction)) {
      number++;
      row = row(instruction.text());
    }
    try {
      carryOut(instruction, row);
    } catch (WordException | PatternException e) {
      failed(row);
      throw Failure.at(
          new JcomposeException.InvalidArgument(String.valueOf(e.getMessage())),
          state.file(),
          place);
    } catch (JcomposeException e) {
      failed(row);
      throw Failure.at(e, state.file(), place);
    } catch (KernelException | java.io.UncheckedIOException e) {
      failed(row);
      throw Failure.at(
          new JcomposeException.Internal(String.valueOf(e.getMessage()), e), state.file(), place);
    }
  }

  private void failed(String row) {
    if (!row.isEmpty()) {
      state.call().report(state.spec(), row, "Error");
    }
  }

  /** {@code [web build 2/5] RUN make}. */
  private String row(String text) {
    String name = stage.name() == null ? "" : " " + stage.name();
    String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
    return "[%s%s %d/%d] %s".formatted(state.spec().name(), name, number, total, shown);
  }

  private void carryOut(Instruction instruction, String row) {
    switch (instruction) {
      case Run run -> done(new CommandStep(state, run, row).carryOut(), row);
      case Copy copy -> done(new FilesStep(state, copy, row).carryOut(), row);
      case Add add -> done(new FilesStep(state, add, row).carryOut(), row);
      case Workdir workdir -> workdir(workdir, row);
      case Arg arg -> image.recorded(scope.declare(arg));
      case Env env -> env(env);
      case Label label -> label(label);
      case Cmd cmd -> command("Cmd", "CMD", cmd.command());
      case Entrypoint entrypoint -> command("Entrypoint", "ENTRYPOINT", entrypoint.command());
      case Shell shell -> {
        image.put("Shell", shell.words());
        image.recorded("SHELL " + list(shell.words()));
      }
      case User user -> {
        String name = scope.expand(user.user());
        image.put("User", name);
        image.recorded("USER " + name);
      }
      case Expose expose -> expose(expose);
      case Volume volume -> volume(volume);
      case Stopsignal signal -> {
        String name = scope.expand(signal.signal());
        image.put("StopSignal", name);
        image.recorded("STOPSIGNAL " + name);
      }
      case Healthcheck check -> healthcheck(check);
      case Maintainer maintainer -> {
        image.author(maintainer.name());
        image.recorded("MAINTAINER " + maintainer.name());
      }
      case Onbuild onbuild -> {
        List<String> triggers = image.texts("OnBuild");
        triggers.add(onbuild.trigger());
        image.put("OnBuild", triggers);
      }
      case From from -> throw new JcomposeException.Internal("FROM inside of a stage");
    }
  }

  private void done(StageState.Done done, String row) {
    anyMade |= !done.cached();
    state.call().report(state.spec(), row, done.cached() ? "Cached" : "Done");
  }

  private void env(Env env) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Pair pair : env.pairs()) { // each sees those of before the instruction
      values.put(scope.expand(pair.key()), scope.expand(pair.value()));
    }
    values.forEach(image::env);
    image.recorded("ENV " + pairs(values));
  }

  private void label(Label label) {
    Map<String, String> values = new LinkedHashMap<>();
    for (Pair pair : label.pairs()) {
      values.put(scope.expand(pair.key()), scope.expand(pair.value()));
    }
    ObjectNode labels = image.config().withObject("/Labels");
    values.forEach((name, value) -> image.put(labels, name, value));
    image.recorded("LABEL " + pairs(values));
  }

  private static String pairs(Map<String, String> values) {
    return String.join(
        " ", values.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList());
  }

  private void command(String key, String keyword, Command command) {
    List<String> words = new ArrayList<>();
    if (command.shellForm()) {
      words.addAll(image.shell());
    }
    words.addAll(command.words());
    if (key.equals("Entrypoint")) {
      if (!commandIsOwn) {
        image.config().remove("Cmd"); // the base's was meant for the base's entrypoint
      }
    } else {
      commandIsOwn = true;
      image.config().put("ArgsEscaped", true);
    }
    image.put(key, words);
    image.recorded(keyword + " " + quoted(words));
  }

  /** As Go's %q of a list. */
  private static String quoted(List<String> words) {
    return "["
        + String.join(
            " ",
            words.stream()
                .map(
                    w ->
                        '"'
                            + w.replace("\\", "\\\\")
                                .replace("\"", "\\\"")
                                .replace("\n", "\\n")
                                .replace("\t", "\\t")
                            + '"')
                .toList())
        + "]";
  }

  private static String list(List<String> words) {
    return "[" + String.join(" ", words) + "]";
  }

  private void expose(Expose expose) {
    Set<String> ports = new TreeSet<>(); // each at most once, however often it is told
    for (String raw : expose.ports()) {
      for (String word : scope.split(raw)) {
        ports.addAll(ports(word));
      }
    }
    ObjectNode exposed = image.config().withObject("/ExposedPorts");
    ports.forEach(port -> image.putObject(exposed, port));
    image.recorded("EXPOSE " + list(List.copyOf(ports)));
  }

  private static List<String> ports(String word) {
    String[] parts = word.split("/", -1);
    String protocol = parts.length == 2 ? parts[1].toLowerCase(java.util.Locale.ROOT) : "tcp";
    String[] range = parts[0].substring(parts[0].lastIndexOf(':') + 1).split("-", -1);
    try {
      int first = Integer.parseInt(range[0]);
      int last = range.length == 2 ? Integer.parseInt(range[1]) : first;
      boolean right =
          parts.length <= 2
              && range.length <= 2
              && PROTOCOLS.contains(protocol)
              && first >= 0
              && last >= first
              && last <= 65_535;
      if (right) {
        List<String> ports = new ArrayList<>();
        for (int port = first; port <= last; port++) {
          ports.add(port + "/" + protocol);
        }
        return ports;
      }
    } catch (NumberFormatException e) {
      // told below
    }
    throw new JcomposeException.InvalidArgument(
        "invalid containerPort: "
            + word
            + ": a port or a range up to 65535, with /tcp, /udp or /sctp");
  }

  private void volume(Volume volume) {
    List<String> paths = volume.paths().stream().map(scope::expand).toList();
    if (paths.stream().anyMatch(String::isBlank)) {
      throw new JcomposeException.InvalidArgument("VOLUME specified can not be an empty string");
    }
    ObjectNode volumes = image.config().withObject("/Volumes");
    paths.forEach(path -> image.putObject(volumes, path));
    image.recorded("VOLUME " + list(paths));
  }

  private void healthcheck(Healthcheck check) {
    ObjectNode node = image.config().putObject("Healthcheck");
    List<String> test = new ArrayList<>();
    if (check.test() == null) {
      test.add("NONE");
    } else {
      test.add(check.test().shellForm() ? "CMD-SHELL" : "CMD");
      test.addAll(check.test().words());
    }
    test.forEach(node.putArray("Test")::add);
    if (check.test() == null) {
      image.recorded(check.text());
      return;
    }
    duration(node, "Interval", check.interval());
    duration(node, "Timeout", check.timeout());
    duration(node, "StartPeriod", check.startPeriod());
    duration(node, "StartInterval", check.startInterval());
    if (check.retries() > 0) {
      node.put("Retries", check.retries());
    }
    image.recorded(check.text());
  }

  private static void duration(ObjectNode node, String key, Duration value) {
    if (!value.isZero()) {
      node.put(key, value.toNanos());
    }
  }

  private void workdir(Workdir workdir, String row) {
    String path = Paths.absolute(image.workingDir(), scope.expand(workdir.path()));
    image.put("WorkingDir", path);
    if (path.equals("/")) {
      image.recorded("WORKDIR " + path);
      state.call().report(state.spec(), row, "Done");
      return;
    }
    StepKey key = new StepKey(workdir, image.layers());
    key.add("the directory", path).add("USER", image.user());
    StageState.Done done = state.step(key, row, "WORKDIR " + path, () -> directory(path));
    image.layered(done.layer(), done.at(), "WORKDIR " + path);
    done(done, row);
  }

  private BuildLayer directory(String path) {
    BuildLayers layers = state.call().layers();
    BuildLayers.Work work = layers.begin(image.layers());
    boolean made = false;
    try (UnionView view = UnionView.open(work.lower(), work.upper(), work.work());
        DirectoryFd root = view.root()) {
      Copying.Owner owner =
          image.user().isEmpty() ? Copying.Owner.ROOT : Users.find(root, image.user());
      Copying.makeDirectories(root, path.substring(1), owner);
      made = true;
    } finally {
      if (!made) {
        layers.discard(work);
      }
    }
    return state.sealed(work);
  }
}
