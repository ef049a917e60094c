package io.jcompose.cli.action;

import io.jcompose.cli.archive.ArchiveStreams;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.request.ProjectRequest;
import io.jcompose.cli.terminal.CommandFailure;
import io.jcompose.cli.terminal.Consoles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** {@code save}, {@code load} and {@code import}: images from and to files. */
final class ImageFileAction {
  private static final String STREAM = "-";

  private ImageFileAction() {}

  static int save(Invocation invocation) throws IOException {
    return ArchiveStreams.receive(
        invocation,
        "image/save",
        "cowardly refusing to save to a terminal. Use the -o flag or redirect");
  }

  static int load(Invocation invocation) throws IOException {
    String file = invocation.text("input");
    if (file.isEmpty() && Consoles.current().isTerminal(0)) {
      throw new CommandFailure(
          "requested load from stdin, but stdin is empty: give a file by -i, or redirect", 1);
    }
    return send(invocation, "image/load", file.isEmpty() ? STREAM : file);
  }

  static int importRoot(Invocation invocation) throws IOException {
    String file = invocation.arguments().getFirst();
    if (file.startsWith("http://") || file.startsWith("https://")) {
      throw new CommandFailure(
          "what is imported is not fetched here: `curl -L %s | jcompose import -`".formatted(file),
          1);
    }
    return send(invocation, "image/import", file);
  }

  private static int send(Invocation invocation, String endpoint, String file) throws IOException {
    String request = ProjectRequest.text(invocation, Map.of());
    if (file.equals(STREAM)) {
      InputStream in = Consoles.current().in();
      return ArchiveStreams.send(invocation, endpoint, request, in::transferTo);
    }
    Consoles.current().requireOwn();
    Path path = Path.of(Consoles.current().folder()).resolve(file);
    if (!Files.isReadable(path) || Files.isDirectory(path)) {
      throw new CommandFailure("open " + file + ": no such file, or it cannot be read", 1);
    }
    return ArchiveStreams.send(invocation, endpoint, request, out -> Files.copy(path, out));
  }
}
