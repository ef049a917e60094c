package io.jcompose.network.notice;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is wrong with the host's network at the moment, or was changed for the containers' sake, in
 * words for a person. Each is logged when it comes and when it goes. Thread-safe.
 */
public final class Notices {
  private static final Logger LOG = LoggerFactory.getLogger(Notices.class);

  private final Map<String, String> texts = new ConcurrentSkipListMap<>();

  /** Tells of a state until {@link #clear}. Telling it again is harmless. */
  public void raise(String key, String text) {
    if (!text.equals(texts.put(key, text))) {
      LOG.warn("{}", text);
    }
  }

  /** The state is over. */
  public void clear(String key) {
    String text = texts.remove(key);
    if (text != null) {
      LOG.info("no longer so: {}", text);
    }
  }

  /** Sorted by what they are about. */
  public List<String> texts() {
    return List.copyOf(texts.values());
  }
}
