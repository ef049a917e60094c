package io.jcompose.compose;

import io.jcompose.compose.HandedSources.Handed;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Reads this host's files and remembers what it saw, for an engine on another host that loads the
 * same project from it. Confined to one thread.
 */
public final class RecordedSources implements SourceFiles {
  private static final byte[] NOTHING = {};

  private final Map<String, Look> looks = new LinkedHashMap<>();
  private final Map<String, byte[]> contents = new HashMap<>();
  private final Map<String, Fetch> fetches = new LinkedHashMap<>();

  @Override
  public Look look(Path file) {
    Look look = PLAIN.look(file);
    looks.put(file.toString(), look);
    return look;
  }

  @Override
  public byte[] read(Path file, int maxBytes) throws IOException {
    try {
      byte[] content = PLAIN.read(file, maxBytes);
      contents.put(file.toString(), content);
      return content;
    } catch (AccessDeniedException e) {
      looks.put(file.toString(), new Look(Kind.UNKNOWN, 0, "permission denied"));
      throw e;
    } catch (IOException e) {
      looks.put(file.toString(), new Look(Kind.UNKNOWN, 0, e.toString()));
      throw e;
    }
  }

  @Override
  public Optional<Fetch> fetched(String reference) {
    return Optional.ofNullable(fetches.get(reference));
  }

  @Override
  public void fetched(String reference, Fetch result) {
    fetches.put(reference, result);
  }

  /**
   * What was seen so far; what is not there needs no telling.
   *
   * @param besides what was not read here
   */
  public HandedSources handed(Map<String, Handed> besides) {
    Map<String, Handed> files = new HashMap<>(besides);
    looks.forEach(
        (path, look) -> {
          if (look.kind() != Kind.MISSING) {
            files.put(path, new Handed(look, contents.getOrDefault(path, NOTHING)));
          }
        });
    return new HandedSources(files, fetches, true);
  }
}
