package io.jcompose.engine;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The folders that an engine keeps everything in, closed to all other users of the host: what lies
 * below them has the owners and modes of the images and containers, among it programs that are
 * setuid root and files that anybody may read (CVE-2021-41091 was the same in Docker). Folders that
 * an earlier engine left open are closed, too.
 */
public final class RootFolders {
  /** Owner only, and passing through for the group, as Docker's data root. */
  private static final Set<PosixFilePermission> CLOSED =
      PosixFilePermissions.fromString("rwx--x---");

  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rw-------");

  private static final List<String> STATE =
      List.of("build", "containers", "images", "networks", "projects", "volumes");
  private static final List<String> RUN = List.of("files", "tasks", "view");
  private static final List<String> FILES =
      List.of("engine.lock", "start.lock", "engine.log", "engine.err");

  private RootFolders() {}

  /**
   * Makes and closes both roots and the folders directly below them.
   *
   * @param group of the users that may pass through the run root to the socket; one that the host
   *     lacks is nobody
   * @throws JcomposeException.Unavailable when a folder cannot be made, with the reason
   */
  public static void prepare(Path stateRoot, Path runRoot, String group) {
    closeRoot(stateRoot, STATE);
    closeRoot(runRoot, RUN);
    giveTo(runRoot, group);
  }

  private static void closeRoot(Path root, List<String> folders) {
    try {
      boolean made = make(root);
      for (String folder : folders) {
        make(root.resolve(folder));
        permit(root.resolve(folder), CLOSED);
      }
      for (String file : FILES) {
        permit(root.resolve(file), PRIVATE);
      }
      // A folder that others use as well stays open: what is ours below it is closed by itself.
      if (made || holdsNothingElse(root, folders)) {
        permit(root, CLOSED);
      }
    } catch (IOException e) {
      throw new JcomposeException.Unavailable(
          "cannot make the engine's folders in " + root + ": " + e, e);
    }
  }

  private static boolean make(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      return false;
    }
    Path parent = folder.getParent();
    if (parent != null && !Files.isDirectory(parent)) {
      Files.createDirectories(parent);
    }
    try {
      Files.createDirectory(folder, PosixFilePermissions.asFileAttribute(CLOSED));
    } catch (FileAlreadyExistsException e) {
      if (!Files.isDirectory(folder)) {
        throw e;
      }
    }
    return true;
  }

  private static void permit(Path path, Set<PosixFilePermission> permissions) throws IOException {
    try {
      if (!Files.isSymbolicLink(path)
          && !Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS).equals(permissions)) {
        Files.setPosixFilePermissions(path, permissions);
      }
    } catch (NoSuchFileException e) {
      // it is made later, closed
    }
  }

  private static boolean holdsNothingElse(Path root, List<String> folders) throws IOException {
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .allMatch(name -> folders.contains(name) || name.contains("engine.") || isFile(name));
    }
  }

  private static boolean isFile(String name) {
    return FILES.contains(name);
  }

  private static void giveTo(Path runRoot, String group) {
    UserPrincipalLookupService groups = runRoot.getFileSystem().getUserPrincipalLookupService();
    try {
      Files.getFileAttributeView(runRoot, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
          .setGroup(groups.lookupPrincipalByGroupName(group));
    } catch (UserPrincipalNotFoundException e) {
      // nobody but root may use the socket
    } catch (IOException e) {
      throw new JcomposeException.Unavailable("cannot give " + runRoot + " to " + group, e);
    }
  }
}
