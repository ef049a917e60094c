package io.jcompose.build;

import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.build.dockerfile.DockerfileException;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.ForeignFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import jnr.constants.platform.Errno;

/**
 * The Dockerfiles of a call, read before anything is built, as is looked whether the folders and
 * files are there that its builds need. All of them together have a limit.
 */
final class BuildFiles {
  private static final int LIMIT =
      Math.clamp(Runtime.getRuntime().maxMemory() >> 6, 1 << 20, 4 << 20);

  private int left = LIMIT;

  private final Path fetched;

  private BuildFiles(Path fetched) {
    this.fetched = fetched;
  }

  /**
   * @param fetched where contexts lie that are from elsewhere: messages name files as these do
   * @return one for each
   * @throws JcomposeException.NotFound for a folder or file that is not there
   * @throws JcomposeException.InvalidArgument for what is wrong in them
   */
  static List<Dockerfile> of(List<BuildSpec> specs, Path fetched) {
    BuildFiles files = new BuildFiles(fetched);
    List<Dockerfile> all = new ArrayList<>();
    for (BuildSpec spec : specs) {
      requireContexts(spec);
      spec.secrets().forEach(secret -> requireSource(spec, secret));
      all.add(files.parsed(spec));
    }
    return all;
  }

  private static void requireContexts(BuildSpec spec) {
    if (!spec.context().isEmpty()) {
      requireFolder("context of " + spec.name(), spec.context());
    }
    for (Map.Entry<String, String> named : spec.contexts().entrySet()) {
      if (named.getValue().startsWith("/")) {
        requireFolder("context " + named.getKey() + " of " + spec.name(), named.getValue());
      }
    }
  }

  private static void requireFolder(String what, String context) {
    if (!context.startsWith("/")) {
      throw new JcomposeException.NotSupported(
          "unable to prepare "
              + what
              + ": "
              + context
              + " is no folder of the engine's host, no git repository and no archive of the web");
    }
    Path folder = Path.of(context);
    if (!Files.isDirectory(folder)) {
      throw new JcomposeException.NotFound(
          "unable to prepare "
              + what
              + ": path \""
              + folder
              + (Files.exists(folder) ? "\" is no directory" : "\" not found"));
    }
  }

  private static void requireSource(BuildSpec spec, BuildSpec.Secret secret) {
    Path source = secret.source();
    if (source != null && !Files.isRegularFile(source)) {
      throw new JcomposeException.NotFound(
          "secret "
              + secret.id()
              + " of "
              + spec.name()
              + ": "
              + source
              + " is not there, or no regular file");
    }
  }

  private Dockerfile parsed(BuildSpec spec) {
    String text = spec.dockerfileText();
    String given = spec.dockerfile().isEmpty() ? "Dockerfile" : spec.dockerfile();
    if (text == null && spec.context().isEmpty() && !given.startsWith("/")) {
      throw new JcomposeException.InvalidArgument(
          "failed to read dockerfile: " + spec.name() + " has no build context");
    }
    Path file = Path.of(spec.context().isEmpty() ? "/" : spec.context()).resolve(given);
    String name = text == null ? name(file, given) : given;
    byte[] content = text == null ? content(file, name) : text.getBytes(StandardCharsets.UTF_8);
    left -= content.length;
    if (left < 0) {
      throw tooLong(name);
    }
    try {
      return Dockerfile.parse(content, name);
    } catch (DockerfileException e) {
      throw e.toError(new String(content, StandardCharsets.UTF_8).lines().toList());
    }
  }

  private String name(Path file, String given) {
    if (!file.startsWith(fetched)) {
      return file.toString();
    }
    return given.startsWith("/") ? String.valueOf(file.getFileName()) : given; // ours is no news
  }

  private byte[] content(Path file, String name) {
    try {
      return ForeignFile.content(file, left);
    } catch (KernelException e) {
      if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
        throw new JcomposeException.NotFound(
            "failed to read dockerfile: " + name + ": no such file or directory");
      }
      if (e.is(Errno.EFBIG)) {
        throw tooLong(name);
      }
      throw new JcomposeException.InvalidArgument(
          "failed to read dockerfile: " + name + ": " + e.getMessage(), e);
    }
  }

  private static JcomposeException tooLong(String name) {
    return new JcomposeException.InvalidArgument(
        "failed to read dockerfile: "
            + name
            + ": the Dockerfiles of one call may have "
            + LIMIT
            + " bytes together");
  }
}
