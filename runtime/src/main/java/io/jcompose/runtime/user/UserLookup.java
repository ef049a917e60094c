package io.jcompose.runtime.user;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.ForeignFile;
import io.jcompose.linux.mount.UnionView;
import io.jcompose.runtime.HeldProcess;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds users of containers. One per engine; safe for use by many threads. */
public final class UserLookup {
  private static final int KEPT = 256;
  private static final int AT_A_TIME = 2;

  private final Turns turns = new Turns(AT_A_TIME);

  private final Map<Key, ProcessUser> known = // guarded by itself
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, ProcessUser> eldest) {
          return size() > KEPT;
        }
      };

  private record Key(List<Path> layers, List<String> targets, String user, List<String> groups) {}

  /**
   * The user of a container that is not mounted yet.
   *
   * @param mounts what it will have above its layers
   * @param user {@code user[:group]}, names or numbers; no user is root
   * @param groups further ones
   * @throws JcomposeException.InvalidArgument in Docker's words for one that is not there
   */
  public ProcessUser find(
      Mount.Overlay rootfs, List<Mount> mounts, String user, List<String> groups) {
    List<String> targets = mounts.stream().map(Mount::target).toList();
    Key key = new Key(rootfs.lower(), targets, user, groups);
    boolean untouched = !Files.exists(rootfs.upper().resolve("etc"), LinkOption.NOFOLLOW_LINKS);
    synchronized (known) {
      ProcessUser found = untouched ? known.get(key) : null;
      if (found != null) {
        return found;
      }
    }
    return turns.take(() -> read(rootfs, mounts, key, untouched));
  }

  private ProcessUser read(Mount.Overlay rootfs, List<Mount> mounts, Key key, boolean untouched) {
    List<Path> layers = new ArrayList<>(List.of(rootfs.upper()));
    layers.addAll(rootfs.lower());
    try (UnionView union = UnionView.open(layers);
        ContainerFiles files = new ContainerFiles(rootOf(union), mounts)) {
      ProcessUser found = UserDatabase.find(files::open, key.user, key.groups);
      if (untouched && files.isPlain()) {
        synchronized (known) {
          known.put(key, found);
        }
      }
      return found;
    } catch (KernelException e) {
      throw failed(key.user, e);
    }
  }

  private static DirectoryFd rootOf(UnionView union) {
    Optional<ForeignFile> root = union.find("/");
    try (ForeignFile file = root.orElseThrow()) {
      return DirectoryFd.of(file);
    }
  }

  /** The user of a container that runs; {@link RunningUsers} asks for one at a time. */
  ProcessUser findIn(HeldProcess process, String user, List<String> groups) {
    return turns.take(() -> readIn(process, user, groups));
  }

  private static ProcessUser readIn(HeldProcess process, String user, List<String> groups) {
    Path root = process.path().resolve("root");
    try (ContainerFiles files = new ContainerFiles(DirectoryFd.open(root), List.of())) {
      return UserDatabase.find(files::open, user, groups);
    } catch (KernelException e) {
      throw failed(user, e);
    }
  }

  private static JcomposeException failed(String user, KernelException e) {
    return new JcomposeException.Internal(
        "failed to look up user \"" + user + "\" of a container: " + e.getMessage(), e);
  }
}
