package io.jcompose.scheduler.desired;

import io.jcompose.compose.model.FileObject;
import io.jcompose.compose.model.FileReference;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.Project;
import io.jcompose.compose.model.Service;
import io.jcompose.compose.model.VolumeConfig;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Turns the mounts, configs and secrets of a service into the engine's words. Immutable. */
final class StorageSpecs {
  private final Project project;

  StorageSpecs(Project project) {
    this.project = project;
  }

  /** Its volumes, binds and tmpfs, in the file's order. */
  List<MountSpec> mounts(Service service) {
    List<MountSpec> mounts = new ArrayList<>();
    for (MountConfig mount : service.storage().mounts()) {
      mounts.add(mount(mount, this::volumeName));
    }
    service
        .storage()
        .tmpfs()
        .forEach((target, options) -> mounts.add(new MountSpec.Tmpfs(target, options)));
    return mounts;
  }

  /** A folder in the place of a socket helps nobody, and keeps its server from making it. */
  private static boolean isSocket(String source) {
    return source.endsWith(".sock");
  }

  private String volumeName(String key) {
    VolumeConfig declared = project.volumes().get(key);
    return declared == null ? key : declared.name();
  }

  /**
   * One mount in the engine's words.
   *
   * @param names of volumes by what a mount calls them
   */
  static MountSpec mount(MountConfig mount, UnaryOperator<String> names) {
    return switch (mount) {
      case MountConfig.Volume volume ->
          new MountSpec.Volume(
              names.apply(volume.source()),
              volume.target(),
              volume.readOnly(),
              volume.noCopy(),
              volume.subpath());
      case MountConfig.Bind bind ->
          new MountSpec.Bind(
              Path.of(bind.source()),
              bind.target(),
              bind.readOnly(),
              bind.createHostPath() && !isSocket(bind.source()),
              !bind.recursive().equals("disabled"),
              bind.propagation(),
              bind.selinux());
      case MountConfig.Tmpfs tmpfs -> new MountSpec.Tmpfs(tmpfs.target(), options(tmpfs));
      // Refused by ComposeSupport before anything is made.
      case MountConfig.Image image -> new MountSpec.Tmpfs(image.target(), "");
      case MountConfig.Cluster cluster -> new MountSpec.Tmpfs(cluster.target(), "");
      case MountConfig.NamedPipe pipe -> new MountSpec.Tmpfs(pipe.target(), "");
    };
  }

  private static String options(MountConfig.Tmpfs tmpfs) {
    List<String> options = new ArrayList<>();
    if (tmpfs.readOnly()) {
      options.add("ro");
    }
    if (tmpfs.sizeBytes() > 0) {
      options.add("size=" + tmpfs.sizeBytes());
    }
    Integer mode = tmpfs.mode();
    if (mode != null) {
      options.add("mode=" + Integer.toOctalString(mode));
    }
    return String.join(",", options);
  }

  /** Its configs and secrets. */
  List<FileSpec> files(Service service) {
    List<FileSpec> files = new ArrayList<>();
    service.storage().configs().forEach(reference -> files.add(config(reference)));
    service.storage().secrets().forEach(reference -> files.add(secret(reference)));
    return files;
  }

  FileSpec config(FileReference reference) {
    return file("config", project.configs().get(reference.source()), reference);
  }

  FileSpec secret(FileReference reference) {
    return file("secret", project.secrets().get(reference.source()), reference);
  }

  private static FileSpec file(String kind, @Nullable FileObject object, FileReference reference) {
    if (object == null) {
      throw new JcomposeException.InvalidArgument("undefined " + kind + " " + reference.source());
    }
    if (!object.driver().isEmpty() || !object.templateDriver().isEmpty()) {
      throw new JcomposeException.NotSupported(
          "unsupported " + kind + " " + object.key() + ": driver and template_driver need swarm");
    }
    Path source = null;
    String content = null;
    switch (object.source()) {
      case FileObject.Source.HostFile file -> source = Path.of(file.path());
      case FileObject.Source.Content text -> content = text.text();
      case FileObject.Source.Variable variable -> content = value(kind, object, variable);
      case FileObject.Source.External external ->
          throw new JcomposeException.NotSupported(
              "unsupported external " + kind + " " + object.name());
    }
    Integer mode = reference.mode();
    return new FileSpec(
        object.key(),
        reference.target(),
        source,
        content,
        number(reference.uid(), kind + " " + object.key() + " uid"),
        number(reference.gid(), kind + " " + object.key() + " gid"),
        mode == null ? -1 : mode,
        kind.equals("secret"));
  }

  private static String value(String kind, FileObject object, FileObject.Source.Variable variable) {
    String value = variable.value();
    if (value == null) {
      throw new JcomposeException.InvalidArgument(unset(kind, object, variable));
    }
    return value;
  }

  /** What to say of a variable without a value. */
  static String unset(String kind, FileObject object, FileObject.Source.Variable variable) {
    return "environment variable \""
        + variable.name()
        + "\" required by "
        + kind
        + " \""
        + object.key()
        + "\" is not set";
  }

  private static long number(String text, String what) {
    try {
      return text.isEmpty() ? -1 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new JcomposeException.InvalidArgument(what + " is not a number: " + text, e);
    }
  }
}
