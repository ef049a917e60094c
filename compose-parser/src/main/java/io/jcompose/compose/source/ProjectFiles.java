package io.jcompose.compose.source;

import io.jcompose.compose.Artifacts;
import io.jcompose.compose.LoadRequest;
import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Problems;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The files and the environment that a request means: COMPOSE_ variables, {@code .env}, usual
 * names.
 */
public final class ProjectFiles {
  private static final List<String> OVERRIDES =
      List.of(
          "compose.override.yml",
          "compose.override.yaml",
          "docker-compose.override.yml",
          "docker-compose.override.yaml");

  private final LoadRequest request;
  private final Problems problems;
  public final Map<String, String> environment = new LinkedHashMap<>();
  public final List<Path> envFiles = new ArrayList<>();
  public final List<String> files = new ArrayList<>();
  public final BaseFolder base;
  public final RemoteSources remotes;

  /** What a project is called that has no name but where it was fetched from; else empty. */
  private String remoteName = "";

  public ProjectFiles(
      LoadRequest request, Artifacts artifacts, String gitProtocols, Problems problems) {
    this.request = request;
    this.problems = problems;
    remotes = new RemoteSources(artifacts, request.environment(), gitProtocols, problems);
    Path cwd = request.workingDir();
    environment.putAll(request.environment());
    // Where nobody set it, as under systemd, it is the folder all the same; .env does not count.
    environment.putIfAbsent("PWD", cwd.toString());
    boolean usual = readEnvFiles(cwd);
    locate(cwd);
    Path root = fetch();
    base = new BaseFolder(folder(cwd, files), request.projectDirectory() == null ? root : null);
    if (usual && !base.dir().equals(cwd)) {
      Path file = base.dir().resolve(".env");
      if (base.isLeftBy(file)) {
        problems.error(null, "", file + " leads out of the folder that was fetched");
      } else {
        readEnvFile(file, false);
      }
    }
  }

  /**
   * Brings files that are elsewhere here; the folder that the first one was fetched to, or null.
   */
  private @Nullable Path fetch() {
    Path root = null;
    for (int i = 0; i < files.size(); i++) {
      if (!remotes.accepts(files.get(i))) {
        continue;
      }
      RemoteSources.Fetched fetched = remotes.fetch(files.get(i), null, "");
      if (fetched != null) {
        files.set(i, fetched.file().toString());
      }
      if (fetched != null && i == 0) {
        root = fetched.root();
        remoteName = fetched.name();
      }
    }
    problems.check();
    return root;
  }

  /** What the project is called when nothing names it, not yet normalised. */
  public List<String> fallbackNames() {
    List<String> names = new ArrayList<>();
    names.add(remoteName);
    for (Path dir : new Path[] {base.dir(), request.workingDir()}) {
      Path last = dir.getFileName();
      names.add(last == null ? "" : last.toString());
    }
    return names;
  }

  /** Reads the env files; true when they are the usual ones. */
  private boolean readEnvFiles(Path cwd) {
    for (Path file : request.envFiles()) {
      envFiles.add(cwd.resolve(file).normalize());
    }
    String listed = environment.getOrDefault("COMPOSE_ENV_FILES", "");
    if (envFiles.isEmpty() && !listed.isEmpty()) {
      for (String file : listed.split(",")) {
        envFiles.add(cwd.resolve(file).normalize());
      }
    }
    if (!envFiles.isEmpty()) {
      Map<String, String> read = new LinkedHashMap<>();
      envFiles.forEach(file -> readInto(file, true, read));
      read.forEach(environment::putIfAbsent);
      return false;
    }
    if (isTrue(environment.getOrDefault("COMPOSE_DISABLE_ENV_FILE", ""))) {
      return false;
    }
    readEnvFile(folder(cwd, request.files()).resolve(".env"), false);
    return true;
  }

  /** The project's folder: the given one, that of the first file, or the caller's. */
  private Path folder(Path cwd, List<String> named) {
    Path given = request.projectDirectory();
    if (given != null) {
      return cwd.resolve(given).normalize();
    }
    for (String file : named) {
      Path parent = file.equals("-") ? null : cwd.resolve(file).normalize().getParent();
      if (parent != null) {
        return parent;
      }
    }
    return cwd;
  }

  private static boolean isTrue(String text) {
    return text.equals("1") || text.toLowerCase(Locale.ROOT).equals("true");
  }

  private void readEnvFile(Path file, boolean required) {
    Map<String, String> read = new LinkedHashMap<>();
    readInto(file, required, read);
    read.forEach(environment::putIfAbsent);
  }

  private void readInto(Path file, boolean required, Map<String, String> into) {
    try {
      if (required || problems.files.look(file).isRegular()) {
        String text = SourceText.read(file, problems);
        Dotenv.parse(
            text,
            into,
            environment::get,
            (name, line) -> problems.warnUnset(name, file.toString(), line));
        if (problems.trace != null) {
          problems.trace.envFile(file.toString(), text, into);
        }
      }
    } catch (Dotenv.Invalid e) {
      problems.error(
          new SourcePosition(file.toString(), e.line(), 1),
          "",
          "failed to read env file: " + e.getMessage());
    } catch (NoSuchFileException e) {
      problems.error(null, "", "couldn't find env file: " + file);
    } catch (SourceText.Refused e) {
      problems.error(
          new SourcePosition(file.toString(), e.line(), e.line() == 0 ? 0 : 1),
          "",
          "failed to read env file: " + e.getMessage());
    } catch (IOException e) {
      problems.error(null, "", "failed to read env file " + file + ": " + e);
    }
  }

  private void locate(Path cwd) {
    files.addAll(request.files());
    String listed = environment.getOrDefault("COMPOSE_FILE", "");
    if (files.isEmpty() && !listed.isEmpty()) {
      String separator = environment.getOrDefault("COMPOSE_PATH_SEPARATOR", ":");
      files.addAll(Arrays.asList(listed.split(Pattern.quote(separator))));
    }
    if (!files.isEmpty()) {
      return;
    }
    Path given = request.projectDirectory();
    for (Path dir = given == null ? cwd : cwd.resolve(given); dir != null; dir = dir.getParent()) {
      Path found =
          first(dir, BaseFolder.FILE_NAMES, "Found multiple config files with supported names");
      if (found != null) {
        files.add(found.toString());
        Path override = first(dir, OVERRIDES, "Found multiple override files with supported names");
        if (override != null) {
          files.add(override.toString());
        }
        return;
      }
    }
    throw new JcomposeException.NotFound(
        "no configuration file provided: not found (there is no compose.yaml in "
            + (given == null ? cwd : cwd.resolve(given))
            + " or above it; -f names another)");
  }

  private @Nullable Path first(Path dir, List<String> names, String warning) {
    List<Path> found =
        names.stream()
            .map(dir::resolve)
            .filter(file -> problems.files.look(file).isRegular())
            .toList();
    if (found.size() > 1) {
      problems.warn(
          null,
          "",
          warning
              + ": "
              + found.stream().map(Path::toString).collect(Collectors.joining(", "))
              + ". Using "
              + found.getFirst());
    }
    return found.isEmpty() ? null : found.getFirst();
  }

  /** Lower-case letters, digits, {@code -} and {@code _} only, none of the latter first. */
  public static String normalizeName(String name) {
    StringBuilder out = new StringBuilder();
    for (char c : name.toLowerCase(Locale.ROOT).toCharArray()) {
      if ((c >= 'a' && c <= 'z')
          || (c >= '0' && c <= '9')
          || ((c == '-' || c == '_') && !out.isEmpty())) {
        out.append(c);
      }
    }
    return out.toString();
  }
}
