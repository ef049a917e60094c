package io.jcompose.cli.action;

import io.jcompose.cli.archive.ArchiveStreams;
import io.jcompose.cli.archive.BuildOutput;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.NeededLogins;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.view.ControlLines;
import io.jcompose.cli.view.ProgressViews;
import io.jcompose.cli.wire.Frames;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code build} of services, and {@code image build} of a folder, docker's {@code build}. */
final class BuildAction {
  /** What compose's command of that name does not have. */
  private static final List<String> DOCKERS =
      List.of(
          "call",
          "cpu-period",
          "cpu-quota",
          "cpu-shares",
          "cpuset-cpus",
          "cpuset-mems",
          "file",
          "iidfile",
          "memory-swap",
          "metadata-file",
          "network",
          "platform",
          "shm-size",
          "target");

  private static final List<String> DOCKERS_LISTS =
      List.of(
          "add-host",
          "allow",
          "annotation",
          "build-context",
          "cache-from",
          "cache-to",
          "label",
          "no-cache-filter",
          "output",
          "secret",
          "tag",
          "ulimit");

  private static final List<String> FILES = List.of("build-context", "secret", "ssh");
  private static final String STDIN = "-";

  private BuildAction() {}

  /** What docker's user types is meant as docker's: a folder, or an option of it. */
  static int services(Invocation invocation) throws IOException {
    if (isOfFolder(invocation)) {
      return image(invocation);
    }
    requireTerminal(invocation, false);
    return run(invocation, "build", new LinkedHashMap<>(), List.of());
  }

  private static boolean isOfFolder(Invocation invocation) {
    List<String> words = invocation.arguments();
    boolean option =
        DOCKERS.stream().anyMatch(key -> !invocation.text(key).isEmpty())
            || DOCKERS_LISTS.stream().anyMatch(key -> !invocation.list(key).isEmpty());
    return option || (words.size() == 1 && isPlace(words.getFirst()));
  }

  /** No service's name is one of these. */
  private static boolean isPlace(String word) {
    return word.contains("/") || List.of(".", "..", "-").contains(word);
  }

  static int image(Invocation invocation) throws IOException {
    boolean sent = invocation.arguments().equals(List.of(STDIN));
    requireHere(invocation, sent);
    requireTerminal(invocation, sent || invocation.text("file").equals(STDIN));
    if (!invocation.text("iidfile").isEmpty() || !invocation.text("metadata-file").isEmpty()) {
      Consoles.current().requireOwn(); // a file of the caller's
    }
    boolean text = invocation.text("file").equals(STDIN);
    if (sent && text) {
      throw new CommandFailure(
          "invalid argument: can't use stdin for both build context and dockerfile", 1);
    }
    List<BuildOutput> outputs =
        invocation.list("output").stream().map(String::valueOf).map(BuildOutput::parse).toList();
    for (BuildOutput output : outputs) {
      output.requireReady();
    }
    Map<String, Object> extra = new LinkedHashMap<>();
    extra.put("outputStream", outputs.stream().anyMatch(BuildOutput::isStreamed));
    extra.put("outputPush", outputs.stream().anyMatch(BuildOutput::isPushed));
    extra.put("outputNames", outputs.stream().flatMap(output -> output.names().stream()).toList());
    extra.putAll(BuildOutput.request(outputs));
    if (text) {
      extra.put("dockerfileText", invocation.input().of(STDIN));
    }
    return sent ? send(invocation, extra, outputs) : run(invocation, "image/build", extra, outputs);
  }

  /** What an engine on another host cannot reach. */
  private static void requireHere(Invocation invocation, boolean sent) {
    boolean files = FILES.stream().anyMatch(key -> !invocation.list(key).isEmpty());
    if (Engines.remote(invocation) != null && (!sent || files)) {
      throw new CommandFailure(
          "image build: the engine is on another host, which does not have "
              + (sent ? "the files of --build-context, --secret and --ssh" : "this folder")
              + "; build it there",
          1);
    }
  }

  /** A shell is opened on it. */
  private static void requireTerminal(Invocation invocation, boolean isRead) {
    if (!invocation.has("debug-shell")) {
      return;
    }
    if (isRead || !Consoles.current().isTerminal(0) || !Consoles.current().isTerminal(1)) {
      throw new CommandFailure(
          "--debug-shell needs a terminal: standard input "
              + (isRead ? "is read for the build" : "and output must be one"),
          1);
    }
  }

  private static int send(
      Invocation invocation, Map<String, Object> extra, List<BuildOutput> outputs)
      throws IOException {
    extra.putAll(NeededLogins.of(invocation, "image/build"));
    return ArchiveStreams.send(
        invocation,
        "image/build",
        ProjectRequest.text(invocation, extra),
        Consoles.current().in()::transferTo,
        "Building",
        lines -> ended(invocation, lines, outputs));
  }

  private static int run(
      Invocation invocation, String endpoint, Map<String, Object> extra, List<BuildOutput> outputs)
      throws IOException {
    extra.putAll(NeededLogins.of(invocation, endpoint));
    return ended(invocation, built(invocation, endpoint, extra), outputs);
  }

  /** What was built is told and brought to where it was asked for; returns the exit code. */
  private static int ended(Invocation invocation, ControlLines built, List<BuildOutput> outputs)
      throws IOException {
    int code = written(invocation, built);
    String id = built.result("imageId"); // empty where it was only checked
    for (BuildOutput output : outputs) {
      if (code == 0 && !id.isEmpty()) {
        code = output.receive(invocation, id);
      }
    }
    return code;
  }

  private static ControlLines built(
      Invocation invocation, String endpoint, Map<String, Object> extra) throws IOException {
    if (invocation.has("debug-shell")) {
      return FramesAction.build(invocation, endpoint, extra);
    }
    String request = ProjectRequest.text(invocation, extra);
    try (HttpAnswer answer =
            Engines.of(invocation).post("/jcompose/v1/" + endpoint, request, false);
        ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Building"))) {
      Frames.read(
          answer,
          (stream, bytes) -> {
            lines.accept(new String(bytes, StandardCharsets.UTF_8));
            return !lines.isEnded();
          });
      return lines;
    }
  }

  /** What was built is told in the files that were asked for. */
  private static int written(Invocation invocation, ControlLines lines) throws IOException {
    String id = lines.result("imageId");
    if (lines.exitCode() == 0 && !id.isEmpty()) {
      write(invocation, "iidfile", id);
      Map<String, Object> facts = new LinkedHashMap<>();
      facts.put("containerimage.config.digest", id);
      facts.put("containerimage.digest", lines.result("digest"));
      if (!lines.result("names").isEmpty()) {
        facts.put("image.name", lines.result("names"));
      }
      write(invocation, "metadata-file", new Json().value(facts) + "\n");
    }
    return lines.exitCode();
  }

  private static void write(Invocation invocation, String option, String text) {
    String file = invocation.text(option);
    if (file.isEmpty()) {
      return;
    }
    Path path = Path.of(Consoles.current().folder()).resolve(file);
    try {
      Files.writeString(path, text);
    } catch (IOException e) {
      throw new CommandFailure("cannot write --" + option + " " + path + ": " + e, 1);
    }
  }
}
