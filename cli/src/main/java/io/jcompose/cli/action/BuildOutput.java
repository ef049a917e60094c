package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.local.LocalFiles;
import io.jcompose.cli.request.Engines;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import io.jcompose.cli.view.ControlLines;
import io.jcompose.cli.view.ProgressViews;
import io.jcompose.cli.wire.HttpAnswer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where the result of a build goes besides the engine's store, as docker's {@code --output} says
 * it: {@code type=TYPE,KEY=VALUE}, a folder alone, or {@code -} for an archive. Immutable.
 *
 * @param type {@code local}: the files into a folder; {@code tar}: the files as an archive; {@code
 *     oci} and {@code docker}: the image as an archive; {@code image} and {@code registry}
 * @param dest a path of the caller's; empty is standard output, or for docker the store
 * @param isPushed the image is pushed under its names
 * @param names that it gets besides
 */
record BuildOutput(String type, String dest, boolean isPushed, List<String> names) {
  private static final String STREAM = "-";
  private static final List<String> TYPES =
      List.of("docker", "image", "local", "oci", "registry", "tar");

  static BuildOutput parse(String text) {
    if (!text.contains("=")) {
      return text.equals(STREAM)
          ? new BuildOutput("tar", "", false, List.of())
          : new BuildOutput("local", text, false, List.of());
    }
    String type = "";
    String dest = "";
    boolean push = false;
    List<String> names = new ArrayList<>();
    for (String field : fields(text)) {
      String key = field.substring(0, field.indexOf('='));
      String value = field.substring(field.indexOf('=') + 1);
      switch (key) {
        case "type" -> type = value;
        case "dest" -> dest = value;
        case "push" -> push = isTrue(text, key, value);
        case "name" -> names.addAll(List.of(value.split(",")));
        default ->
            throw new CommandFailure(
                "--output " + text + ": the attribute " + key + " is not carried out", 1);
      }
    }
    return checked(text, new BuildOutput(type, dest, push || type.equals("registry"), names));
  }

  /** The fields of a line of comma-separated values (RFC 4180), each {@code KEY=VALUE}. */
  private static List<String> fields(String text) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    boolean quoted = false;
    for (char c : (text + ",").toCharArray()) {
      if (c == '"') {
        quoted = !quoted;
      } else if (c == ',' && !quoted) {
        fields.add(field.toString().strip());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    if (quoted || fields.stream().anyMatch(each -> each.indexOf('=') < 1)) {
      throw new CommandFailure("invalid --output " + text + ": write type=TYPE,dest=PATH", 1);
    }
    return fields;
  }

  private static boolean isTrue(String text, String key, String value) {
    return switch (value) {
      case "1", "true" -> true;
      case "0", "false" -> false;
      default -> throw new CommandFailure("--output " + text + ": " + key + " is true or false", 1);
    };
  }

  private static BuildOutput checked(String text, BuildOutput output) {
    if (!TYPES.contains(output.type)) {
      throw new CommandFailure(
          "--output "
              + text
              + (output.type.isEmpty() ? ": type is required" : ": there is no such type")
              + "; it is one of "
              + String.join(", ", TYPES),
          1);
    }
    boolean ofImage = List.of("docker", "image", "oci", "registry").contains(output.type);
    boolean inStore = List.of("image", "registry").contains(output.type);
    if (!ofImage && (output.isPushed || !output.names.isEmpty())) {
      throw new CommandFailure("--output " + text + ": files have no name, and are not pushed", 1);
    }
    if (inStore && !output.dest.isEmpty()) {
      throw new CommandFailure("--output " + text + ": " + output.type + " takes no dest", 1);
    }
    if (output.type.equals("local") && output.dest.isEmpty()) {
      throw new CommandFailure("--output " + text + ": dest is required for local output", 1);
    }
    return output;
  }

  /** Docker's image without a file stays in the store alone. */
  private boolean isInStore() {
    return List.of("image", "registry").contains(type) || (type.equals("docker") && dest.isEmpty());
  }

  /** Whether standard output gets it, and nothing else then. */
  boolean isStreamed() {
    return !isInStore() && !type.equals("local") && (dest.isEmpty() || dest.equals(STREAM));
  }

  /** Before anything is built for it. */
  void requireReady() {
    if (isInStore()) {
      return;
    }
    if (!isStreamed()) {
      Consoles.current().requireOwn();
    } else if (Consoles.current().isTerminal(1)) {
      throw new CommandFailure(
          "dest file is required for " + type + " exporter. refusing to write to console", 1);
    }
  }

  /** Brings what was built to its place; returns the exit code. */
  int receive(Invocation invocation, String imageId) throws IOException {
    if (isInStore()) {
      return 0;
    }
    List<String> all = new ArrayList<>(List.of(imageId));
    if (type.equals("oci") || type.equals("docker")) {
      all.addAll(invocation.list("tag").stream().map(String::valueOf).toList());
      all.addAll(names);
    }
    List<String> words = all.size() > 1 ? all.subList(1, all.size()) : all;
    Map<String, Object> extra = Map.of("arguments", words, "options", Map.of());
    String request = ProjectRequest.text(invocation, extra);
    if (type.equals("local")) {
      return unpack(invocation, request);
    }
    String endpoint = type.equals("tar") ? "image/files" : "image/save";
    return ArchiveStreams.receive(invocation, endpoint, request, isStreamed() ? "" : dest);
  }

  /** As whoever gives the command: owners are not kept, as with docker. */
  private int unpack(Invocation invocation, String request) throws IOException {
    Path folder = Path.of(Consoles.current().folder()).resolve(dest).normalize();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CommandFailure("cannot make the folder " + folder + ": " + e, 1);
    }
    try (HttpAnswer answer =
            Engines.of(invocation).post("/jcompose/v1/image/files", request, false);
        ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Exporting"))) {
      FramesInput input = new FramesInput(answer, lines);
      LocalFiles.target(folder.toString()).unpack(input, ".", true, false);
      input.transferTo(OutputStream.nullOutputStream());
      return lines.exitCode();
    }
  }
}
