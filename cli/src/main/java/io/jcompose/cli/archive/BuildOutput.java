package io.jcompose.cli.archive;

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
import java.util.LinkedHashMap;
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
 * @param isTar false for the image's archive as a folder
 * @param names that it gets besides
 * @param image what is asked of the image
 */
public record BuildOutput(
    String type, String dest, boolean isPushed, boolean isTar, List<String> names, OfImage image) {
  private static final String STREAM = "-";
  private static final List<String> TYPES =
      List.of("docker", "image", "local", "oci", "registry", "tar");
  private static final List<String> ANNOTATIONS = List.of("annotation.", "annotation-manifest.");

  /**
   * What is asked of the image.
   *
   * @param packing how its layers are packed, as {@link OutputPacking} takes it
   * @param annotations of its manifest
   * @param rewritesTimes files of its layers are no younger than SOURCE_DATE_EPOCH
   */
  public record OfImage(
      Map<String, String> packing, Map<String, String> annotations, boolean rewritesTimes) {
    private static final OfImage USUAL = new OfImage(Map.of(), Map.of(), false);
  }

  public static BuildOutput parse(String text) {
    if (!text.contains("=")) {
      return text.equals(STREAM)
          ? new BuildOutput("tar", "", false, true, List.of(), OfImage.USUAL)
          : new BuildOutput("local", text, false, true, List.of(), OfImage.USUAL);
    }
    String type = "";
    String dest = "";
    boolean push = false;
    boolean tar = true;
    boolean times = false;
    List<String> names = new ArrayList<>();
    Map<String, String> packing = new LinkedHashMap<>();
    Map<String, String> annotations = new LinkedHashMap<>();
    for (String field : fields(text)) {
      String key = field.substring(0, field.indexOf('='));
      String value = field.substring(field.indexOf('=') + 1);
      switch (key) {
        case "type" -> type = value;
        case "dest" -> dest = value;
        case "push" -> push = isTrue(text, key, value);
        case "tar" -> tar = isTrue(text, key, value);
        case "rewrite-timestamp" -> times = isTrue(text, key, value);
        case "name" -> names.addAll(List.of(value.split(",")));
        case "compression", "compression-level" -> packing.put(key, value);
        case "force-compression", "oci-mediatypes" ->
            packing.put(key, String.valueOf(isTrue(text, key, value)));
        default -> annotations.put(annotation(text, key), value);
      }
    }
    OfImage image = new OfImage(packing, annotations, times);
    return checked(
        text, new BuildOutput(type, dest, push || type.equals("registry"), tar, names, image));
  }

  private static String annotation(String text, String key) {
    return ANNOTATIONS.stream()
        .filter(start -> key.startsWith(start) && key.length() > start.length())
        .map(start -> key.substring(start.length()))
        .findFirst()
        .orElseThrow(
            () ->
                new CommandFailure(
                    "--output " + text + ": the attribute " + key + " is not carried out", 1));
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
    if (!ofImage && !output.image.equals(OfImage.USUAL)) {
      throw new CommandFailure(
          "--output " + text + ": files have no layers, annotations or times of an image", 1);
    }
    requirePacked(text, output);
    return output;
  }

  private static void requirePacked(String text, BuildOutput output) {
    boolean leaves = output.isPushed || !output.isInStore();
    if (!leaves && !output.image.packing.isEmpty()) {
      throw new CommandFailure(
          "--output "
              + text
              + ": "
              + String.join(", ", output.image.packing.keySet())
              + " is of what is pushed or written; the store keeps files",
          1);
    }
    boolean file = !output.isInStore() && !output.isStreamed();
    if (!output.isTar && (!file || !List.of("oci", "docker").contains(output.type))) {
      throw new CommandFailure("--output " + text + ": tar=false is for oci with a dest", 1);
    }
    OutputPacking.require(text, output.image.packing);
  }

  /** What outputs ask of the build. */
  public static Map<String, Object> request(List<BuildOutput> outputs) {
    Map<String, String> annotations = new LinkedHashMap<>();
    List<Map<String, String>> packings =
        outputs.stream().filter(BuildOutput::isPushed).map(one -> one.image.packing).toList();
    for (BuildOutput output : outputs) {
      output.image.annotations.forEach(
          (key, value) -> {
            if (!value.equals(annotations.getOrDefault(key, value))) {
              throw new CommandFailure(
                  "--output: one image has one value of the annotation " + key, 1);
            }
            annotations.put(key, value);
          });
    }
    if (packings.stream().distinct().count() > 1) {
      throw new CommandFailure("--output: an image is pushed in one way at a time", 1);
    }
    return Map.of(
        "packing",
        packings.isEmpty() ? Map.of() : packings.getFirst(),
        "rewriteTimestamp",
        outputs.stream().anyMatch(output -> output.image.rewritesTimes),
        "outputAnnotations",
        annotations);
  }

  /** Docker's image without a file stays in the store alone. */
  private boolean isInStore() {
    return List.of("image", "registry").contains(type) || (type.equals("docker") && dest.isEmpty());
  }

  /** Whether standard output gets it, and nothing else then. */
  public boolean isStreamed() {
    return !isInStore() && !type.equals("local") && (dest.isEmpty() || dest.equals(STREAM));
  }

  /** Before anything is built for it. */
  public void requireReady() {
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
  public int receive(Invocation invocation, String imageId) throws IOException {
    if (isInStore()) {
      return 0;
    }
    Map<String, Object> extra = new LinkedHashMap<>();
    extra.put("arguments", List.of(imageId));
    extra.put("options", Map.of());
    if (type.equals("local") || type.equals("tar")) {
      return write(invocation, "image/files", extra);
    }
    List<String> all = new ArrayList<>(names);
    invocation.list("tag").forEach(tag -> all.add(String.valueOf(tag)));
    extra.put("export", true); // what was built, whatever its names mean by now
    extra.put("exportNames", all);
    extra.put("exportDockers", isTar || type.equals("docker"));
    extra.put("packing", image.packing);
    return write(invocation, "image/save", extra);
  }

  private int write(Invocation invocation, String endpoint, Map<String, Object> extra)
      throws IOException {
    String request = ProjectRequest.text(invocation, extra);
    if (type.equals("local") || !isTar) {
      return unpack(invocation, endpoint, request);
    }
    return isStreamed()
        ? ArchiveStreams.receive(invocation, endpoint, request, "")
        : ArchiveStreams.write(invocation, endpoint, request, dest);
  }

  /** As whoever gives the command: owners are not kept, as with docker. */
  private int unpack(Invocation invocation, String endpoint, String request) throws IOException {
    Path folder = Path.of(Consoles.current().folder()).resolve(dest).normalize();
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new CommandFailure("cannot make the folder " + folder + ": " + e, 1);
    }
    try (HttpAnswer answer =
            Engines.of(invocation).post("/jcompose/v1/" + endpoint, request, false);
        ControlLines lines = new ControlLines(ProgressViews.of(invocation, "Exporting"))) {
      FramesInput input = new FramesInput(answer, lines);
      LocalFiles.target(folder.toString()).replaceWith(input);
      input.transferTo(OutputStream.nullOutputStream());
      return lines.exitCode();
    }
  }
}
