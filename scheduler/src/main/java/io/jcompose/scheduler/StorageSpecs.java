package io.jcompose.scheduler;

import io.jcompose.compose.FileObject;
import io.jcompose.compose.FileReference;
import io.jcompose.compose.MountConfig;
import io.jcompose.compose.Project;
import io.jcompose.compose.Service;
import io.jcompose.compose.VolumeConfig;
import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.ContainerSpec.MountSpec;
import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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
      switch (mount) {
        case MountConfig.Volume volume -> mounts.add(volume(volume));
        case MountConfig.Bind bind ->
            mounts.add(
                new MountSpec.Bind(
                    Path.of(bind.source()),
                    bind.target(),
                    bind.readOnly(),
                    bind.createHostPath() && !isSocket(bind.source()),
                    !bind.recursive().equals("disabled"),
                    bind.propagation(),
                    bind.selinux()));
        case MountConfig.Tmpfs tmpfs ->
            mounts.add(new MountSpec.Tmpfs(tmpfs.target(), options(tmpfs)));
        // Refused by ComposeSupport before anything is made.
        case MountConfig.Image image -> {}
        case MountConfig.Cluster cluster -> {}
        case MountConfig.NamedPipe pipe -> {}
      }
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

  private MountSpec volume(MountConfig.Volume volume) {
    VolumeConfig declared = project.volumes().get(volume.source());
    String name = declared == null ? volume.source() : declared.name();
    return new MountSpec.Volume(
        name, volume.target(), volume.readOnly(), volume.noCopy(), volume.subpath());
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
    for (FileReference reference : service.storage().configs()) {
      files.add(file("config", project.configs().get(reference.source()), reference));
    }
    for (FileReference reference : service.storage().secrets()) {
      files.add(file("secret", project.secrets().get(reference.source()), reference));
    }
    return files;
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
      throw new JcomposeException.InvalidArgument(
          "environment variable \""
              + variable.name()
              + "\" required by "
              + kind
              + " \""
              + object.key()
              + "\" is not set");
    }
    return value;
  }

  private static long number(String text, String what) {
    try {
      return text.isEmpty() ? -1 : Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new JcomposeException.InvalidArgument(what + " is not a number: " + text, e);
    }
  }
}
