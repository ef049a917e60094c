package io.jcompose.cli.action;

import io.jcompose.cli.archive.ArchiveStreams;
import io.jcompose.cli.archive.FramesInput;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.local.LocalFiles;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.view.ControlLines;
import io.jcompose.cli.view.ProgressViews;
import io.jcompose.cli.wire.HttpAnswer;
import io.jcompose.cli.wire.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * {@code cp} and {@code export}: archives to and from the engine. Local files are read and written
 * here, as whoever runs the command.
 */
final class CopyAction {
  private static final String STREAM = "-";

  private final Invocation invocation;

  private CopyAction(Invocation invocation) {
    this.invocation = invocation;
  }

  static int run(Invocation invocation) throws IOException {
    Consoles.current().requireOwn();
    String from = invocation.arguments().get(0);
    String to = invocation.arguments().get(1);
    CopyAction action = new CopyAction(invocation);
    int source = colon(from);
    int target = colon(to);
    if (source > 0 && target > 0) {
      throw new CommandFailure("copying between services is not supported", 1);
    }
    if (source > 0) {
      return action.out(from.substring(0, source), from.substring(source + 1), to);
    }
    if (target > 0) {
      return action.in(from, to.substring(0, target), to.substring(target + 1));
    }
    throw new CommandFailure("unknown copy direction: name a service as SERVICE:PATH", 1);
  }

  static int export(Invocation invocation) throws IOException {
    return ArchiveStreams.receive(
        invocation, "export", "output path is required when exporting to terminal");
  }

  /** Where the service's name ends; 0 for a local path, as Docker Compose tells them apart. */
  private static int colon(String argument) {
    int colon = argument.indexOf(':');
    boolean local = argument.startsWith("/") || argument.startsWith(".") || colon < 0;
    return local ? 0 : colon;
  }

  private int out(String service, String path, String to) throws IOException {
    LocalFiles local = to.equals(STREAM) ? null : LocalFiles.target(to);
    String request = request(List.of(service, path), Map.of());
    try (HttpAnswer answer = Engines.of(invocation).post("/jcompose/v1/cp/out", request, false);
        ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Copying"))) {
      FramesInput input = new FramesInput(answer, lines);
      Map<String, String> what = input.first();
      if (what.isEmpty()) {
        return lines.exitCode();
      }
      if (local == null) {
        input.transferTo(Consoles.current().out());
      } else {
        local.unpack(
            input,
            named(what.getOrDefault("archive", ""), path),
            "true".equals(what.get("directory")),
            invocation.has("archive"));
        input.transferTo(OutputStream.nullOutputStream());
      }
      return lines.exitCode();
    }
  }

  /**
   * What the engine calls what it sends: the last component of the path, or {@code .} for what a
   * folder has. Another name would let it choose which file here is replaced.
   *
   * @throws CommandFailure for another name
   */
  static String named(String archive, String path) {
    boolean all = path.equals(".") || path.endsWith("/.") || path.replace("/", "").isEmpty();
    String last = path.replaceFirst("/+$", "");
    String wanted = all ? "." : last.substring(last.lastIndexOf('/') + 1);
    if (!archive.equals(wanted) && !path.contains("/./") && !path.contains("..")) {
      throw new CommandFailure("the engine sends \"" + archive + "\" instead of " + path, 1);
    }
    if (archive.isEmpty() || archive.contains("/") || archive.equals("..")) {
      throw new CommandFailure("the engine names nothing that could be copied: " + archive, 1);
    }
    return archive;
  }

  private int in(String from, String service, String path) throws IOException {
    LocalFiles local =
        from.equals(STREAM) ? null : LocalFiles.source(from, invocation.has("follow-link"));
    List<String> targets = targets(service);
    if (local == null && targets.size() > 1) {
      throw new CommandFailure(
          "service "
              + service
              + " has several containers: say by --index which one takes standard input",
          1);
    }
    int code = 0;
    for (String target : targets) {
      code = Math.max(code, in(local, target, path));
    }
    return code;
  }

  private List<String> targets(String service) throws IOException {
    String request = request(List.of(service), Map.of());
    try (HttpAnswer answer =
        Engines.of(invocation).post("/jcompose/v1/cp/targets", request, false)) {
      return new ArrayList<>(List.of(answer.text().strip().split("\n")));
    }
  }

  private int in(@Nullable LocalFiles local, String target, String path) throws IOException {
    Map<String, Object> extra = new LinkedHashMap<>();
    extra.put("sourceName", local == null ? "" : local.name());
    extra.put("sourceDirectory", local == null || local.isDirectory());
    String request = request(List.of(target, path), extra);
    return ArchiveStreams.send(
        invocation,
        "cp/in",
        request,
        out -> {
          if (local == null) {
            Consoles.current().in().transferTo(out);
          } else {
            local.pack(out);
          }
        });
  }

  private String request(List<String> arguments, Map<String, Object> extra) throws IOException {
    Map<String, Object> members = ProjectRequest.members(invocation, extra);
    members.put("arguments", arguments);
    return new Json().value(members).toString();
  }
}
