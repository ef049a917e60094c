package io.jcompose.compose;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/**
 * Files as a client on another host read them, for a load that must see them as that client does.
 * Where that is the whole, what was not handed over is not there. Immutable.
 *
 * @param files what was looked at, by path
 * @param fetches what the client fetched from elsewhere, by reference
 * @param isWhole false where all else is read of this host, as with a pipe that only the client has
 */
public record HandedSources(Map<String, Handed> files, Map<String, Fetch> fetches, boolean isWhole)
    implements SourceFiles {
  private static final Fetch NOT_FETCHED = new Fetch("", "", "", "it was not handed over");

  /**
   * What the client found at a path.
   *
   * @param content of a regular file that it read; else empty
   */
  @SuppressWarnings("ArrayRecordComponent") // compared by nobody
  public record Handed(Look look, byte[] content) {}

  public HandedSources {
    files = Map.copyOf(files);
    fetches = Map.copyOf(fetches);
  }

  /** What a load reads that finds these, and all else at {@code here}. */
  SourceFiles over(SourceFiles here) {
    return isWhole ? this : new Over(this, here);
  }

  private record Over(HandedSources handed, SourceFiles here) implements SourceFiles {
    @Override
    public Look look(Path file) {
      return handed.files.containsKey(file.toString()) ? handed.look(file) : here.look(file);
    }

    @Override
    public byte[] read(Path file, int maxBytes) throws IOException {
      return handed.files.containsKey(file.toString())
          ? handed.read(file, maxBytes)
          : here.read(file, maxBytes);
    }

    @Override
    public Optional<Fetch> fetched(String reference) {
      return here.fetched(reference);
    }

    @Override
    public void fetched(String reference, Fetch result) {
      here.fetched(reference, result);
    }
  }

  @Override
  public Look look(Path file) {
    Handed handed = files.get(file.toString());
    return handed == null ? Look.NOTHING : handed.look();
  }

  @Override
  public byte[] read(Path file, int maxBytes) throws IOException {
    Handed handed = files.get(file.toString());
    if (handed == null) {
      throw new NoSuchFileException(file.toString());
    }
    return Arrays.copyOf(handed.content(), Math.min(maxBytes, handed.content().length));
  }

  @Override
  public Optional<Fetch> fetched(String reference) {
    return Optional.of(fetches.getOrDefault(reference, NOT_FETCHED));
  }
}
