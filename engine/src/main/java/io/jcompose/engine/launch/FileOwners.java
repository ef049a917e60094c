package io.jcompose.engine.launch;

import io.jcompose.core.ContainerSpec.FileSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.images.archive.ContainerUser;
import io.jcompose.images.archive.TreeWriter;
import io.jcompose.linux.mount.UnionView;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Owners of configs and secrets that name none: the container's user, as the compose specification
 * says (05-services.md, secrets, {@code uid}). Docker leaves them to root, so that a {@code mode}
 * such as 0400 keeps them from the very program that they are for.
 */
final class FileOwners {
  private FileOwners() {}

  /**
   * The files with their owners filled in; one that is shown as it lies on the host keeps its own.
   *
   * @param user as the container's program runs, {@code user[:group]}; empty is root
   * @param layer the container's layer, looked at only where a user must be looked up
   */
  static List<FileSpec> filled(List<FileSpec> files, String user, Supplier<Mount.Overlay> layer) {
    if (user.isEmpty() || files.stream().noneMatch(FileOwners::lacksOwner)) {
      return files;
    }
    TreeWriter.Owner.User owner = owner(user, layer.get());
    return files.stream().map(file -> lacksOwner(file) ? filled(file, owner) : file).toList();
  }

  private static boolean lacksOwner(FileSpec file) {
    return file.isCopied() && (file.uid() < 0 || file.gid() < 0);
  }

  private static FileSpec filled(FileSpec file, TreeWriter.Owner.User owner) {
    return file.withOwner(
        file.uid() < 0 ? owner.uid() : file.uid(), file.gid() < 0 ? owner.gid() : file.gid());
  }

  private static TreeWriter.Owner.User owner(String user, Mount.Overlay layer) {
    List<Path> layers = new ArrayList<>(List.of(layer.upper()));
    layers.addAll(layer.lower());
    try (UnionView root = UnionView.open(layers)) {
      return ContainerUser.find(root, user);
    } catch (JcomposeException.InvalidArgument e) {
      // Known to a passwd file that is mounted there, or to none: then the start says so.
      return new TreeWriter.Owner.User(0, 0);
    }
  }
}
