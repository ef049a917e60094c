package io.jcompose.runtime;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The rotated files of a log, by their names: {@code LOG.NUMBER}, numbered on from a million, and
 * with {@code .gz} behind when packed. A file keeps its name from the rotation on. Shims of before
 * had {@code LOG.1} for the newest, and renamed all at each rotation. Stateless.
 */
public final class LogFiles {
  /** What a packed file's name ends with. */
  public static final String PACKED = ".gz";

  private static final int FIRST = 1_000_000;
  private static final Pattern NUMBER = Pattern.compile("\\.(\\d{7,9})(\\.gz)?");

  private LogFiles() {}

  /**
   * The rotated files, newest first. Where a file is there packed and not, the packed one is left
   * out: it is not known to be whole.
   *
   * @param log the file that is written to
   */
  public static List<Path> newestFirst(Path log) throws IOException {
    List<Path> files = new ArrayList<>(numbered(log).values());
    files.addAll(ofOlderShims(log));
    return files;
  }

  /** True for one that no shim renames any more. */
  public static boolean keepsItsName(Path log, Path rotated) {
    return NUMBER.matcher(suffix(log, rotated)).matches();
  }

  /** Of numbers, the highest first. */
  private static SortedMap<Integer, Path> numbered(Path log) throws IOException {
    TreeMap<Integer, Path> files = new TreeMap<>(Comparator.reverseOrder());
    Path directory = Objects.requireNonNull(log.getParent());
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(directory, file -> keepsItsName(log, file))) {
      for (Path file : all) {
        files.merge(number(log, file), file, LogFiles::plain);
      }
    } catch (NoSuchFileException e) {
      return files; // the container was removed
    }
    return files;
  }

  private static Path plain(Path one, Path other) {
    return one.toString().endsWith(PACKED) ? other : one;
  }

  private static String suffix(Path log, Path rotated) {
    String name = String.valueOf(rotated.getFileName());
    String own = String.valueOf(log.getFileName());
    return name.startsWith(own) ? name.substring(own.length()) : "";
  }

  private static int number(Path log, Path rotated) {
    Matcher name = NUMBER.matcher(suffix(log, rotated));
    return name.matches() ? Integer.parseInt(name.group(1)) : 0;
  }

  /** In the middle of a rotation one number is missing. */
  private static List<Path> ofOlderShims(Path log) {
    List<Path> files = new ArrayList<>();
    for (int i = 1, missing = 0; missing < 2; i++) {
      Path file = named(log, i, "");
      Path packed = named(log, i, PACKED);
      if (Files.exists(file)) {
        files.add(file);
      } else if (Files.exists(packed)) {
        files.add(packed);
      } else {
        missing++;
      }
    }
    return files;
  }

  private static Path named(Path log, int number, String packed) {
    return log.resolveSibling(log.getFileName() + "." + number + packed);
  }

  /**
   * Makes ready for a shim, while none runs: removes what is too much, and renames what an older
   * one left.
   *
   * @param most so many files are kept, the log included
   * @return the number of the next rotated file
   */
  public static int prepare(Path log, int most) throws IOException {
    SortedMap<Integer, Path> files = numbered(log);
    int next = files.isEmpty() ? FIRST : files.firstKey() + 1;
    for (Path file : ofOlderShims(log).reversed()) { // the oldest first
      String packed = file.toString().endsWith(PACKED) ? PACKED : "";
      Path name = named(log, next, packed);
      Files.move(file, name, StandardCopyOption.ATOMIC_MOVE);
      files.put(next++, name);
    }
    for (Path file : files.values().stream().skip(Math.max(most, 1) - 1L).toList()) {
      Files.deleteIfExists(file);
    }
    return next;
  }
}
