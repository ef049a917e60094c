package io.jcompose.build.fetch;

import io.jcompose.build.context.Scratch;
import io.jcompose.core.IdMap;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.sync.GivenUp;
import io.jcompose.images.archive.ArchiveInput;
import io.jcompose.images.archive.TreeWriter;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.ForeignFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Brings contexts that are no folders of this host into folders, which go with the close: git
 * repositories, archives of the web and of the caller, and Dockerfiles that are fetched alone.
 * Confined to one thread.
 */
public final class Contexts implements AutoCloseable {
  private static final String ARCHIVE = "archive:";
  private static final int DOCKERFILE_LIMIT = 1 << 20;
  private static final long MOST_BYTES = 20_000_000_000L;

  private final Fetcher fetcher;
  private final Path parent;
  private final Scratch scratch;
  private final GivenUp givenUp;
  private final Map<String, String> known = new LinkedHashMap<>();

  /**
   * @param scratch where the folders are made
   */
  public Contexts(Fetcher fetcher, Path scratch, GivenUp givenUp) {
    this.fetcher = fetcher;
    this.parent = scratch.toAbsolutePath().normalize();
    this.scratch = new Scratch(scratch, "contexts-");
    this.givenUp = givenUp;
  }

  /**
   * The same build of folders of this host.
   *
   * @throws JcomposeException.NotFound and others when a context cannot be had
   */
  public BuildSpec local(BuildSpec spec) {
    BuildSpec local = spec;
    if (isElsewhere(spec.context())) {
      local = main(spec, place("context of " + spec.name(), spec.context(), spec));
    }
    Map<String, String> contexts = new LinkedHashMap<>(spec.contexts());
    contexts.replaceAll(
        (name, context) ->
            isElsewhere(context)
                ? place("context " + name + " of " + spec.name(), context, spec)
                : context);
    return local.with().contexts(contexts).build();
  }

  private static boolean isElsewhere(String context) {
    return context.startsWith(ARCHIVE) || GitSource.accepts(context) || WebSource.accepts(context);
  }

  /** A single file is a Dockerfile without a context, as docker takes it. */
  private BuildSpec main(BuildSpec spec, String place) {
    Path path = Path.of(place);
    if (!Files.isDirectory(path)) {
      String text = new String(ForeignFile.content(path, DOCKERFILE_LIMIT), StandardCharsets.UTF_8);
      return spec.with().context("").dockerfile("").dockerfileText(text).build();
    }
    if (Path.of(spec.dockerfile()).normalize().startsWith(parent)) {
      return spec.with().context(place).build(); // it was sent beside
    }
    String dockerfile = spec.dockerfile().replaceFirst("^/+", "");
    String name = dockerfile.isEmpty() ? "Dockerfile" : dockerfile;
    for (String file : List.of(name, name + ".dockerignore", ".dockerignore")) {
      requireInside(path, file);
    }
    return spec.with().context(place).dockerfile(dockerfile).build();
  }

  /** What others made must not have this host's files read. */
  private static void requireInside(Path root, String name) {
    try {
      if (!root.resolve(name).toRealPath().startsWith(root.toRealPath())) {
        throw new JcomposeException.PermissionDenied(
            "\"" + name + "\" leads out of the build context");
      }
    } catch (NoSuchFileException e) {
      return; // whoever needs it says so
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument("cannot read " + name + ": " + e, e);
    }
  }

  private String place(String what, String context, BuildSpec spec) {
    String key = context + " " + spec.ssh().getOrDefault("default", "");
    String place = known.get(key);
    if (place == null) {
      place = explained(what, context, spec);
      known.put(key, place);
    }
    return place;
  }

  private String explained(String what, String context, BuildSpec spec) {
    try {
      return made(context, spec).toString();
    } catch (JcomposeException.NotFound e) {
      throw new JcomposeException.NotFound("unable to prepare " + what + ": " + e.getMessage());
    } catch (JcomposeException.Unavailable e) {
      throw new JcomposeException.Unavailable(
          "unable to prepare " + what + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw new JcomposeException.InvalidArgument(
          "unable to prepare " + what + ": " + context + ": " + e.getMessage(), e);
    }
  }

  private Path made(String context, BuildSpec spec) throws IOException {
    if (context.startsWith(ARCHIVE)) {
      return unpacked(received(context.substring(ARCHIVE.length())));
    }
    if (GitSource.accepts(context)) {
      return repository(GitSource.parse(context), spec.ssh().get("default"));
    }
    Path file = scratch.inner().resolve("file");
    fetcher.file(new WebSource(context), file, null, givenUp);
    try (InputStream in = Files.newInputStream(file)) {
      if (!ArchiveInput.isTar(in)) {
        return file;
      }
    }
    return unpacked(file);
  }

  /** Only what was sent to this engine; a file of the host is named by nobody this way. */
  private Path received(String file) {
    Path path = Path.of(file).normalize();
    if (!path.startsWith(parent) || !path.isAbsolute()) {
      throw new JcomposeException.NotSupported(
          ARCHIVE + file + ": an archive is a context only where it is sent to `image build -`");
    }
    return path;
  }

  private Path unpacked(Path archive) throws IOException {
    Path made = scratch.inner();
    TreeWriter.Options options =
        new TreeWriter.Options(new TreeWriter.Owner.User(0, 0), "", "", IdMap.HOST);
    try (InputStream in = Files.newInputStream(archive);
        InputStream tar = new Bounded(ArchiveInput.open(in), MOST_BYTES, givenUp);
        DirectoryFd into = DirectoryFd.open(made)) {
      TreeWriter.unpack(tar, into, options);
    }
    return made;
  }

  private Path repository(GitSource source, @Nullable String agent) throws IOException {
    Path made = scratch.inner();
    String commit = fetcher.commit(source, agent, givenUp);
    fetcher.tree(source, commit, agent, made, givenUp);
    Path root = made.toRealPath();
    try {
      Path inside = root.resolve(source.reference().folder()).toRealPath();
      if (!inside.startsWith(root)) {
        throw new JcomposeException.PermissionDenied(
            "\"" + source.reference().folder() + "\" leads out of the repository");
      }
      if (!Files.isDirectory(inside)) {
        throw new IOException("\"" + source.reference().folder() + "\" is no folder");
      }
      return inside;
    } catch (NoSuchFileException e) {
      throw new JcomposeException.NotFound(
          source.reference().remote() + " has no folder " + source.reference().folder());
    }
  }

  @Override
  public void close() {
    scratch.close();
  }
}
