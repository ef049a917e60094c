package io.jcompose.api.docker.create;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/** Names for containers of which nobody says one: two words that a person can remember and say. */
public final class NameChoice {
  private static final List<String> FIRST =
      List.of(
          "amber", "brave", "brisk", "calm", "clear", "crisp", "deep", "early", "fair", "fleet",
          "fresh", "gentle", "glad", "golden", "grand", "green", "happy", "humble", "jolly", "keen",
          "kind", "light", "lively", "lucky", "mellow", "merry", "mild", "neat", "noble", "patient",
          "plain", "polite", "proud", "quick", "quiet", "ready", "silent", "silver", "sunny",
          "warm");

  private static final List<String> SECOND =
      List.of(
          "alder", "badger", "beaver", "birch", "brook", "cedar", "cliff", "comet", "crane",
          "delta", "dune", "eagle", "falcon", "fern", "finch", "fjord", "fox", "glacier", "harbor",
          "hare", "hazel", "heron", "island", "lark", "linden", "lynx", "maple", "marten", "meadow",
          "moose", "oak", "orca", "otter", "owl", "pine", "plover", "quail", "reef", "river",
          "robin", "rowan", "salmon", "seal", "sparrow", "spruce", "stork", "swan", "thistle",
          "trout", "valley", "walnut", "whale", "willow", "wren");

  private NameChoice() {}

  /**
   * A name at random.
   *
   * @param attempt from the third on it ends with a number, for most names may be taken
   */
  public static String next(int attempt) {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    String name =
        FIRST.get(random.nextInt(FIRST.size())) + "_" + SECOND.get(random.nextInt(SECOND.size()));
    return attempt < 2 ? name : name + random.nextInt(10, 1_000_000);
  }
}
