package io.jcompose.build.cause;

import io.jcompose.build.context.FileList;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.file.StateFile;
import io.jcompose.linux.library.NativeSha256;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The inputs of the last build of each place, a file a place, of a bounded number of places: those
 * that were built last. It is for telling people what changed: a crash may lose it. Thread-safe.
 */
public final class PastBuilds {
  private static final Logger LOG = LoggerFactory.getLogger(PastBuilds.class);
  private static final int MOST = 500;
  private static final long MOST_BYTES = 64 << 20;
  private static final int MOST_BYTES_OF_ONE = 4 << 20;
  private static final String ENDING = ".jsonl";

  private final Path folder;
  private final Map<String, Integer> written = new LinkedHashMap<>(); // guarded by this

  /** A file, and what decides whether it stays. */
  private record Kept(Path file, long bytes, FileTime at) {}

  /**
   * @param folder of its own; it need not be there
   */
  public PastBuilds(Path folder) {
    this.folder = folder;
    StateFile.removeLeftovers(folder);
  }

  /** What makes two builds ones of the same place: where they come from, not what they are of. */
  static String place(BuildSpec spec) {
    boolean sent = spec.context().isEmpty() || spec.context().startsWith("archive:");
    String name = sent || spec.dockerfileText() != null ? spec.name() : "";
    List<String> parts =
        List.of(
            sent ? "" : spec.context(), spec.dockerfile(), spec.target(), spec.platform(), name);
    byte[] text = String.join("\0", parts).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(NativeSha256.create().digest(text));
  }

  /** The last build of a place; null when it is not known. */
  @Nullable PastBuild find(String place, FileList.Room room) {
    Path file = folder.resolve(place + ENDING);
    try {
      if (!Files.exists(file) || Files.size(file) > MOST_BYTES_OF_ONE) {
        return null;
      }
      try (BufferedReader lines = Files.newBufferedReader(file)) {
        return PastText.parse(lines, room);
      }
    } catch (IOException e) {
      LOG.info("{} cannot be read, its build counts as the first: {}", file, e.toString());
      return null;
    }
  }

  /** Keeps what a build was made of; when that is not possible nothing else fails. */
  synchronized void put(String place, PastBuild build) {
    int mark = build.mark();
    Integer was = written.remove(place);
    if (was == null || was != mark) {
      write(folder.resolve(place + ENDING), build);
    }
    written.put(place, mark);
    if (written.size() > MOST) {
      written.remove(written.keySet().iterator().next());
    }
  }

  private void write(Path file, PastBuild build) {
    byte[] text = PastText.of(build, true);
    if (text.length > MOST_BYTES_OF_ONE) {
      text = PastText.of(build, false);
    }
    try {
      StateFile.writeVolatile(file, text.length > MOST_BYTES_OF_ONE ? new byte[0] : text);
      prune();
    } catch (RuntimeException | IOException e) {
      LOG.warn("failed to keep the inputs of a build in {}: {}", file, e.toString());
    }
  }

  private void prune() throws IOException {
    List<Kept> all = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(path -> path.toString().endsWith(ENDING)).toList()) {
        all.add(new Kept(file, Files.size(file), Files.getLastModifiedTime(file)));
      }
    }
    long bytes = all.stream().mapToLong(Kept::bytes).sum();
    all.sort(Comparator.comparing(Kept::at));
    int left = all.size();
    for (Kept one : all) {
      if (left <= MOST && bytes <= MOST_BYTES) {
        return;
      }
      Files.deleteIfExists(one.file);
      left--;
      bytes -= one.bytes;
    }
  }
}
