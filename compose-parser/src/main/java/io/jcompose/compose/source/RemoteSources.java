package io.jcompose.compose.source;

import io.jcompose.compose.Artifacts;
import io.jcompose.compose.SourceFiles;
import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Problems;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.git.GitReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings compose files that {@code -f}, {@code include} and {@code extends} name elsewhere to this
 * host: from git repositories and registries. Owned by one load, which sees one state of each.
 */
public final class RemoteSources {
  private static final String OCI = "oci://";

  private final Artifacts artifacts;
  private final Map<String, String> environment;
  private final String gitProtocols;
  private final Problems problems;
  private final Map<String, @Nullable Fetched> known = new HashMap<>();

  RemoteSources(
      Artifacts artifacts,
      Map<String, String> environment,
      String gitProtocols,
      Problems problems) {
    this.artifacts = artifacts;
    this.environment = environment;
    this.gitProtocols = gitProtocols;
    this.problems = problems;
  }

  /**
   * What was fetched.
   *
   * @param file the compose file
   * @param root the folder that everything of it lies in
   * @param name of the repository
   */
  public record Fetched(Path file, Path root, String name) {}

  /** Whether the text names something that is not on this host. */
  public boolean accepts(String text) {
    return text.startsWith(OCI)
        || GitReference.accepts(text)
        || (text.startsWith("file://") && gitProtocols.contains("file"))
        || text.contains("://")
        || text.contains("::");
  }

  /** Fetches the file, or folder with a usual file; null when that fails, which is recorded. */
  @Nullable
  public Fetched fetch(String text, @Nullable SourcePosition position, String path) {
    if (known.containsKey(text)) {
      return known.get(text);
    }
    SourceFiles.Fetch result = problems.files.fetched(text).orElseGet(() -> get(text));
    Fetched fetched = null;
    if (result.error().isEmpty()) {
      fetched = new Fetched(Path.of(result.file()), Path.of(result.root()), result.name());
    } else {
      problems.error(position, path, result.error());
    }
    problems.files.fetched(text, result);
    known.put(text, fetched);
    return fetched;
  }

  private SourceFiles.Fetch get(String text) {
    try {
      Fetched fetched = text.startsWith(OCI) ? artifact(text) : repository(text);
      return new SourceFiles.Fetch(
          fetched.file().toString(), fetched.root().toString(), fetched.name(), "");
    } catch (GitReference.Invalid e) {
      return new SourceFiles.Fetch("", "", "", String.valueOf(e.getMessage()));
    } catch (JcomposeException e) {
      return new SourceFiles.Fetch("", "", "", "failed to fetch " + text + ": " + e.getMessage());
    }
  }

  private Fetched artifact(String text) {
    String reference = text.substring(OCI.length());
    if (reference.isEmpty() || reference.startsWith("-")) {
      throw new JcomposeException.InvalidArgument("invalid reference format");
    }
    Path root = new ArtifactFolder(cache("oci")).of(text, artifacts.fetch(reference));
    String name = reference.substring(reference.lastIndexOf('/') + 1).split("[:@]", 2)[0];
    return new Fetched(usual(root, root, text), root, name);
  }

  private Fetched repository(String text) throws GitReference.Invalid {
    boolean test = text.startsWith("file://") && gitProtocols.contains("file");
    if (!test && !GitReference.accepts(text)) {
      throw new JcomposeException.NotSupported(
          "only git repositories (a URL that ends in .git, ssh://, git://, git@host:repo) and"
              + " oci:// are fetched");
    }
    GitReference reference = GitReference.parse(text);
    Path root = new GitCheckouts(cache("git"), environment, gitProtocols).checkout(reference);
    Path inside = root.resolve(reference.folder());
    if (new BaseFolder(root, root).isLeftBy(inside)) {
      throw new JcomposeException.PermissionDenied(
          "\"" + reference.folder() + "\" leads out of the repository");
    }
    return new Fetched(usual(inside, root, text), root, reference.name());
  }

  /** The file itself, or the one with a usual name in a folder. */
  private static Path usual(Path inside, Path root, String text) {
    Path file = inside;
    if (Files.isDirectory(inside)) {
      file =
          BaseFolder.FILE_NAMES.stream()
              .map(inside::resolve)
              .filter(Files::exists)
              .findFirst()
              .orElseThrow(
                  () -> new JcomposeException.NotFound("there is no compose file in " + text));
    }
    if (new BaseFolder(root, root).isLeftBy(file)) {
      throw new JcomposeException.PermissionDenied(
          root.relativize(file) + " leads out of the repository");
    }
    if (!Files.isRegularFile(file)) {
      throw new JcomposeException.NotFound("there is no file " + root.relativize(file) + " there");
    }
    return file;
  }

  /** A folder of the user's cache (XDG Base Directory Specification). */
  private Path cache(String kind) {
    String given = environment.getOrDefault("XDG_CACHE_HOME", "");
    String home = environment.getOrDefault("HOME", "");
    if (!given.startsWith("/") && !home.startsWith("/")) {
      throw new JcomposeException.InvalidArgument(
          "there is no cache folder: HOME and XDG_CACHE_HOME are not set");
    }
    Path base = given.startsWith("/") ? Path.of(given) : Path.of(home, ".cache");
    return base.resolve("jcompose").resolve(kind);
  }
}
