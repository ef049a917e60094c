package io.jcompose.build.context;

import io.jcompose.build.ignore.IgnoreFile;
import io.jcompose.build.ignore.Wildcard;
import io.jcompose.core.JcomposeException;
import io.jcompose.linux.KernelException;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.file.DirectoryNames;
import io.jcompose.linux.file.FileStatus;
import io.jcompose.linux.file.ForeignFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import jnr.constants.platform.Errno;
import org.jspecify.annotations.Nullable;

/**
 * Something that a source word of COPY or ADD names, and the walk over it: sorted, by descriptors,
 * following no link, so that a tree that changes meanwhile gives a wrong result at worst and never
 * leads out. Sockets are left out. Confined to one thread.
 */
public final class Selected {
  private static final int DEPTH_LIMIT = 120; // of a layer too

  /** They are sorted in memory: some 60 bytes each. */
  private static final int MOST_NAMES =
      (int) Math.min(2_000_000, Runtime.getRuntime().maxMemory() >> 8);

  private static final int MOST_MATCHES = 20_000;
  private static final Comparator<byte[]> BY_BYTES = Arrays::compareUnsigned;

  private final Source source;
  private final String path; // without a slash at either end; empty for the root
  private final String name; // by which it was found: a link's, where one leads to it
  private final IgnoreFile excludes; // of paths below it

  /** Takes what a walk finds; a directory comes before what is in it. */
  public interface Visitor {
    /**
     * @param path below what was selected, raw bytes as ISO 8859-1; empty for itself
     */
    void enter(String path, ForeignFile directory) throws IOException;

    void leave(String path, ForeignFile directory) throws IOException;

    /** Anything but a directory. */
    void file(String path, ForeignFile file) throws IOException;
  }

  /** A directory that is told of when something in it is. */
  private static final class Pending {
    private final String path;
    private final ForeignFile directory;
    private boolean told;

    Pending(String path, ForeignFile directory) {
      this.path = path;
      this.directory = directory;
    }
  }

  private Selected(Source source, String path, String name, IgnoreFile excludes) {
    this.source = source;
    this.path = path;
    this.name = name;
    this.excludes = excludes;
  }

  /** The same without what further patterns fit, by the path below it. */
  public Selected without(IgnoreFile more) {
    return new Selected(source, path, name, more);
  }

  /** Whether it is a file that its own patterns leave out. */
  public boolean isExcluded() {
    return !excludes.isEmpty() && !isDirectory() && excludes.excludes(name());
  }

  public Source source() {
    return source;
  }

  /** The last name that it was found by; empty for the root. */
  public String name() {
    return name;
  }

  public String path() {
    return path;
  }

  /**
   * What a word names: one thing, links followed, or all that a pattern fits.
   *
   * @throws JcomposeException.NotFound for a word without pattern that names nothing
   */
  public static List<Selected> find(Source source, String word) {
    String clean = Links.clean(word);
    if (!Wildcard.isPattern(clean)) {
      return List.of(exact(source, clean));
    }
    List<String> found = List.of("");
    for (String component : clean.split("/")) {
      List<String> next = new ArrayList<>();
      for (String parent : found) {
        if (next.size() <= MOST_MATCHES) {
          matches(source, parent, component, next);
        }
      }
      found = next;
      if (found.size() > MOST_MATCHES) {
        throw new JcomposeException.InvalidArgument(
            "\"" + word + "\" fits more than " + MOST_MATCHES + " paths");
      }
    }
    return found.stream().map(one -> visible(source, one)).filter(Objects::nonNull).toList();
  }

  /** What a path leads to; null when nothing is there, or .dockerignore leaves it out. */
  private static @Nullable Selected visible(Source source, String path) {
    String real = resolve(source.root(), path);
    if (real == null) {
      return null;
    }
    Selected found = new Selected(source, real, Links.name(path), IgnoreFile.NONE);
    return found.isHidden(path) || found.isHidden(real) ? null : found;
  }

  /** Whether its context leaves it out, by the path that is written or the one links lead to. */
  private boolean isHidden(String name) {
    return !name.isEmpty()
        && source.excludes().test(name)
        && !(isDirectory() && source.mayInclude().test(name));
  }

  /**
   * What a path names, links followed.
   *
   * @throws JcomposeException.NotFound when it names nothing
   */
  public static Selected exact(Source source, String path) {
    String clean = Links.clean(path);
    Selected found = visible(source, clean);
    if (found == null) {
      boolean there = resolve(source.root(), clean) != null;
      throw new JcomposeException.NotFound(
          "\"/"
              + clean
              + "\": not found in "
              + source.name()
              + (there ? " (.dockerignore leaves it out)" : ""));
    }
    return found;
  }

  private static void matches(Source source, String parent, String component, List<String> found) {
    String prefix = parent.isEmpty() ? "" : parent + "/";
    if (!Wildcard.isPattern(component)) {
      found.add(prefix + component);
      return;
    }
    Wildcard pattern = Wildcard.parse(component);
    try (DirectoryFd directory = source.root().openInRoot(Links.raw(parent))) {
      directory.list().stream()
          .sorted(BY_BYTES)
          .map(name -> new String(name, StandardCharsets.UTF_8))
          .filter(pattern::matches)
          .forEach(name -> found.add(prefix + name));
    } catch (KernelException e) {
      requireMissing(e);
    }
  }

  /** The path that a path leads to when links are followed; null when nothing is there. */
  private static @Nullable String resolve(DirectoryFd root, String path) {
    String real = Links.real(root, path);
    if (real.isEmpty()) {
      return real;
    }
    try (DirectoryFd directory = root.openInRoot(Links.raw(Links.parent(real)))) {
      return directory.stat(Links.raw(Links.name(real))).isPresent() ? real : null;
    } catch (KernelException e) {
      requireMissing(e);
      return null;
    }
  }

  private static void requireMissing(KernelException e) {
    if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR) && !e.is(Errno.ELOOP)) {
      throw e;
    }
  }

  /** True for a directory. */
  public boolean isDirectory() {
    try (ForeignFile itself = open()) {
      return itself.status().isDirectory();
    }
  }

  /** What was selected; the caller closes it. */
  public ForeignFile open() {
    if (path.isEmpty()) {
      return ofRoot();
    }
    try (DirectoryFd directory = source.root().openInRoot(Links.raw(Links.parent(path)))) {
      return directory.entry(Links.raw(Links.name(path)));
    }
  }

  private ForeignFile ofRoot() {
    return ForeignFile.at(Path.of("/proc/self/fd/" + source.root().fd()));
  }

  /** Walks over it and all below it. */
  public void walk(Visitor visitor) throws IOException {
    try (ForeignFile itself = open()) {
      if (itself.status().isDirectory()) {
        Deque<Pending> pending = new ArrayDeque<>();
        pending.addLast(new Pending("", itself));
        tell(pending, visitor); // also when all of it is left out
        children(itself, "", pending, visitor);
        visitor.leave("", itself);
      } else {
        visitor.file("", itself);
      }
    }
  }

  private void children(ForeignFile found, String below, Deque<Pending> pending, Visitor visitor)
      throws IOException {
    if (pending.size() > DEPTH_LIMIT) {
      throw new JcomposeException.NotSupported(
          "/" + path + "/" + below + " is more than " + DEPTH_LIMIT + " directories deep");
    }
    try (DirectoryFd directory = DirectoryFd.of(found);
        DirectoryNames names = directory.names()) {
      if (directory.isKernelState()) {
        return;
      }
      List<byte[]> all = new ArrayList<>();
      for (List<byte[]> some = names.next(); !some.isEmpty(); some = names.next()) {
        all.addAll(some);
        if (all.size() > MOST_NAMES) {
          throw new JcomposeException.NotSupported(
              "/" + path + "/" + below + " has more than " + MOST_NAMES + " files in one folder");
        }
      }
      all.sort(BY_BYTES);
      for (byte[] name : all) {
        String at =
            (below.isEmpty() ? "" : below + "/") + new String(name, StandardCharsets.ISO_8859_1);
        entry(directory, name, at, pending, visitor);
      }
    }
  }

  private void entry(
      DirectoryFd parent, byte[] name, String at, Deque<Pending> pending, Visitor visitor)
      throws IOException {
    String whole = (path.isEmpty() ? "" : path + "/") + utf8(at);
    String below = utf8(at);
    boolean own = !excludes.isEmpty() && excludes.excludes(below);
    boolean out = own || source.excludes().test(whole);
    try (ForeignFile found = parent.entry(name)) {
      FileStatus status = found.status();
      if (status.isDirectory()) {
        boolean into = !own || excludes.mayContainIncluded(below);
        if (!out || (into && source.mayInclude().test(whole))) {
          directory(found, at, out, pending, visitor);
        }
      } else if (!out && status.type() != FileStatus.Type.SOCKET) {
        tell(pending, visitor);
        visitor.file(at, found);
      }
    } catch (KernelException e) {
      requireMissing(e); // removed since the directory was listed
    }
  }

  private void directory(
      ForeignFile found, String at, boolean out, Deque<Pending> pending, Visitor visitor)
      throws IOException {
    Pending own = new Pending(at, found);
    pending.addLast(own);
    if (!out) {
      tell(pending, visitor);
    }
    children(found, at, pending, visitor);
    pending.removeLast();
    if (own.told) {
      visitor.leave(at, found);
    }
  }

  private static void tell(Deque<Pending> pending, Visitor visitor) throws IOException {
    for (Pending one : pending) {
      if (!one.told) {
        one.told = true;
        visitor.enter(one.path, one.directory);
      }
    }
  }

  static String utf8(String latin) {
    return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
