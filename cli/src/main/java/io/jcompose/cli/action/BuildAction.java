package io.jcompose.cli.action;

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
      List.of("file", "iidfile", "network", "platform", "shm-size", "target");

  private static final List<String> DOCKERS_LISTS =
      List.of(
          "add-host",
          "allow",
          "build-context",
          "label",
          "no-cache-filter",
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
    return run(invocation, "build", new LinkedHashMap<>());
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
    if (!invocation.text("iidfile").isEmpty()) {
      Consoles.current().requireOwn(); // a file of the caller's
    }
    boolean text = invocation.text("file").equals(STDIN);
    if (sent && text) {
      throw new CommandFailure(
          "invalid argument: can't use stdin for both build context and dockerfile", 1);
    }
    Map<String, Object> extra = new LinkedHashMap<>();
    if (text) {
      extra.put("dockerfileText", invocation.input().of(STDIN));
    }
    return sent ? send(invocation) : run(invocation, "image/build", extra);
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

  private static int send(Invocation invocation) throws IOException {
    Map<String, Object> extra = new LinkedHashMap<>(NeededLogins.of(invocation, "image/build"));
    return ArchiveStreams.send(
        invocation,
        "image/build",
        ProjectRequest.text(invocation, extra),
        Consoles.current().in()::transferTo,
        "Building",
        lines -> written(invocation, lines));
  }

  private static int run(Invocation invocation, String endpoint, Map<String, Object> extra)
      throws IOException {
    extra.putAll(NeededLogins.of(invocation, endpoint));
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
      return written(invocation, lines);
    }
  }

  /** The image's id goes to the file that was asked for. */
  private static int written(Invocation invocation, ControlLines lines) throws IOException {
    String file = invocation.text("iidfile");
    if (lines.exitCode() == 0 && !file.isEmpty()) {
      Path path = Path.of(Consoles.current().folder()).resolve(file);
      try {
        Files.writeString(path, lines.imageId());
      } catch (IOException e) {
        throw new CommandFailure("cannot write --iidfile " + path + ": " + e, 1);
      }
    }
    return lines.exitCode();
  }
}
