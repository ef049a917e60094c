package io.jcompose.images;

import java.util.List;

/**
 * What a prune removed.
 *
 * @param removed lines as Docker words them: {@code untagged: …}, {@code deleted: …}
 * @param reclaimedBytes bytes of files removed, unpacked layers and blobs
 */
public record PruneReport(List<String> removed, long reclaimedBytes) {
  public PruneReport {
    removed = List.copyOf(removed);
  }
}
