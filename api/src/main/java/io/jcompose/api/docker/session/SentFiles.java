package io.jcompose.api.docker.session;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.Builds;
import io.jcompose.core.build.SentFolder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The folders that a client has sent for one build; gone with the close. One thread's. */
final class SentFiles implements AutoCloseable {
  private static final int LONGEST = 4 << 20;
  static final String IGNORE = ".dockerignore";
  private static final int SECOND = 1000;

  private final ClientSession session;
  private final Builds builds;
  private final Progress progress;
  private final List<SentFolder> folders = new ArrayList<>();

  SentFiles(ClientSession session, Builds builds, Progress progress) {
    this.session = session;
    this.builds = builds;
    this.progress = progress;
  }

  /** The folder that has the Dockerfile, with nothing in it but that and its ignore file. */
  Path dockerfile(String folder, String name) {
    String row = "[internal] load build definition from " + name;
    return received(
        row, "", new FileTransfer.Wanted(folder, List.of(name, name + IGNORE), List.of()));
  }

  /**
   * A context, without what its ignore file leaves out.
   *
   * @param ignore patterns of what it leaves out
   */
  Path context(String row, String folder, List<String> ignore) {
    Path context =
        received(row, session.key(folder), new FileTransfer.Wanted(folder, List.of(), ignore));
    for (String name : List.of(IGNORE, "Dockerfile" + IGNORE)) {
      if (Files.exists(context.resolve(name))) {
        byte[] _ = content(context, name); // which nothing leads to a file of this host
      }
    }
    return context;
  }

  /** The patterns of the folder's own ignore file. */
  List<String> ignored(String row, String folder) {
    Path found = received(row, "", new FileTransfer.Wanted(folder, List.of(IGNORE), List.of()));
    return patterns(found, IGNORE);
  }

  /** The patterns of an ignore file in a folder, none where there is no such file. */
  static List<String> patterns(Path folder, String name) {
    Path file = folder.resolve(name);
    if (!Files.exists(file)) {
      return List.of();
    }
    return new String(content(folder, name), StandardCharsets.UTF_8)
        .lines()
        .map(line -> line.startsWith("\ufeff") ? line.substring(1) : line)
        .filter(line -> !line.startsWith("#"))
        .map(SentFiles::clean)
        .filter(line -> !line.isEmpty())
        .toList();
  }

  /** As a client takes it: from the root, without a slash at its ends. */
  private static String clean(String line) {
    String text = line.strip();
    String mark = text.startsWith("!") ? "!" : "";
    String path = text.substring(mark.length()).strip();
    if (path.isEmpty()) {
      return "";
    }
    if (path.indexOf('\0') >= 0) {
      throw new JcomposeException.InvalidArgument("a line of the .dockerignore has a NUL");
    }
    String normal = Path.of(path.replaceFirst("^/+", "")).normalize().toString();
    return normal.isEmpty() ? mark + "." : mark + normal;
  }

  /** A file's content, where nothing that was sent leads to a file of this host. */
  static byte[] content(Path folder, String name) {
    try {
      Path root = folder.toRealPath();
      Path file = root.resolve(name).toRealPath();
      if (!file.startsWith(root) || !Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        throw new JcomposeException.PermissionDenied(
            "\"" + name + "\" is no file of the build context");
      }
      if (Files.size(file) > LONGEST) {
        throw new JcomposeException.InvalidArgument(name + " is longer than " + LONGEST + " bytes");
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw new JcomposeException.NotFound(
          "failed to read dockerfile: open " + name + ": no such file or directory");
    }
  }

  private Path received(String row, String key, FileTransfer.Wanted wanted) {
    progress.report(Progress.Step.of(row, "Building"));
    SentFolder folder = builds.receiveFolder(key);
    folders.add(folder);
    long[] last = new long[1];
    try {
      FileTransfer.receive(session, wanted, folder, bytes -> last[0] = bytes, progress);
    } catch (JcomposeException e) {
      progress.report(Progress.Step.of(row, "Error", String.valueOf(e.getMessage())));
      throw e;
    }
    progress.report(Progress.Step.of(row, "Transferred", "transferring: " + size(last[0])));
    progress.report(Progress.Step.of(row, "Done"));
    return folder.path();
  }

  private static String size(long bytes) {
    if (bytes < SECOND) {
      return bytes + "B";
    }
    return bytes < SECOND * SECOND
        ? "%.2fkB".formatted(bytes / 1e3)
        : "%.2fMB".formatted(bytes / 1e6);
  }

  @Override
  public void close() {
    folders.forEach(SentFolder::close);
  }
}
