package io.jcompose.images.repository;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.sync.FairShare;
import io.jcompose.images.store.ContentStore;
import java.io.IOException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uploads under way, in memory: an engine's end ends them, and its next start sweeps their files.
 * Thread-safe.
 */
final class Uploads {
  private static final Logger LOG = LoggerFactory.getLogger(Uploads.class);
  private static final int MOST = 512;
  private static final int ID_BYTES = 16;

  /** How long an upload is kept that nobody sends to. */
  private static final Duration LIFE = Duration.ofHours(1);

  private final ContentStore content;
  private final RandomGenerator random;
  private final FairShare places = new FairShare(MOST);
  private final Map<String, Upload> open = new ConcurrentHashMap<>();

  /**
   * @param random not to be guessed: who knows an upload's id may write to it
   */
  Uploads(ContentStore content, RandomGenerator random) {
    this.content = content;
    this.random = random;
  }

  synchronized Upload begin(RepositoryName repository, String client) throws IOException {
    if (open.size() >= MOST / 2) {
      expire(LIFE);
    }
    if (!places.take(client, 1)) {
      throw new JcomposeException.Unavailable(
          "too many of " + MOST + " uploads are under way; try again later");
    }
    byte[] bytes = new byte[ID_BYTES];
    random.nextBytes(bytes);
    String id = HexFormat.of().formatHex(bytes);
    try {
      Upload upload = new Upload(id, repository, client, content.scratch());
      open.put(id, upload);
      return upload;
    } catch (IOException e) {
      places.give(client, 1);
      throw e;
    }
  }

  Upload find(RepositoryName repository, String id) {
    Upload upload = open.get(id);
    if (upload == null || !upload.repository().equals(repository)) {
      throw new JcomposeException.NotFound("there is no such upload in " + repository);
    }
    return upload;
  }

  /** Ends one, in its turn or when it has none. */
  void end(Upload upload) {
    if (open.remove(upload.id(), upload)) {
      places.give(upload.client(), 1);
    }
    try {
      upload.close();
    } catch (IOException e) {
      LOG.warn("failed to remove {}; a start of the engine sweeps it", upload.file(), e);
    }
  }

  /** Ends those that nobody has sent to for so long. */
  void expire(Duration life) {
    for (Upload upload : List.copyOf(open.values())) {
      if (upload.isIdle(life.toNanos())) {
        LOG.info("upload {} to {} was given up", upload.id(), upload.repository());
        end(upload);
      }
    }
  }

  void expire() {
    expire(LIFE);
  }

  int size() {
    return open.size();
  }
}
