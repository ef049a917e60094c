package io.jcompose.compose.load;

import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.schema.Canonicalizer;
import io.jcompose.compose.source.SourceText;
import io.jcompose.compose.tree.LoadLimits;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.YamlReader;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads files into documents: parsed, interpolated, canonical. Owned by one {@link Loading}. */
public final class DocumentReader {
  private final LoadRequest request;
  private final Problems problems;
  private final Interpolation interpolation;

  DocumentReader(LoadScope scope, Problems problems) {
    request = scope.request();
    this.problems = problems;
    interpolation = new Interpolation(scope.environment(), problems);
  }

  /** The documents of all files, parsed only; a file that says nothing has none. */
  public List<Node> parse(List<String> files) {
    List<Node> roots = new ArrayList<>();
    for (String file : files) {
      String text = file.equals("-") ? request.stdin() == null ? "" : request.stdin() : read(file);
      if (text == null) {
        problems.incomplete();
        continue;
      }
      int before = roots.size();
      roots.addAll(YamlReader.read(file, text, problems));
      if (problems.trace != null) {
        problems.trace.read(file, text);
        roots.subList(before, roots.size()).forEach(problems.trace::parsed);
      }
    }
    return roots;
  }

  private @Nullable String read(String file) {
    SourcePosition place = new SourcePosition(file, 0, 0);
    Path path = request.workingDir().resolve(file);
    try {
      if (!problems.limits.addFile()) {
        problems.error(place, "", LoadLimits.tooManyFiles());
        return null;
      }
      return SourceText.read(path, problems);
    } catch (NoSuchFileException e) {
      problems.error(place, "", "open " + path + ": no such file or directory");
    } catch (SourceText.Refused e) {
      SourcePosition at = e.line() == 0 ? place : new SourcePosition(file, e.line(), 1);
      problems.error(at, "", "read " + path + ": " + e.getMessage());
    } catch (IOException e) {
      problems.error(place, "", "cannot read the file: " + e);
    }
    return null;
  }

  /** The text with variables substituted; null when it cannot be, which is recorded. */
  @Nullable
  public String substitute(String text, SourcePosition position, String path) {
    return interpolation.substitute(text, position, path);
  }

  /** An interpolated, canonical document; null when it is no mapping, which is recorded. */
  @Nullable MapNode prepare(Node root) {
    Node version = root instanceof MapNode map ? map.entries.remove("version") : null;
    if (version != null) {
      problems.warn(
          version.position,
          "version",
          "the attribute `version` is obsolete, it will be ignored, please remove it to avoid potential confusion");
    }
    Node interpolated =
        request.options().interpolate() ? interpolation.interpolate(root, "") : root;
    return new Canonicalizer(problems, !request.options().interpolate()).document(interpolated);
  }
}
