package io.jcompose.runtime.security;

import io.jcompose.core.JcomposeException;
import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The levels of SELinux that an engine's containers have: each its own pair of categories, which
 * keeps them apart, unless somebody wants the same for several. Safe for use by many threads.
 */
public final class CategoryPairs {
  private static final int CATEGORIES = 1024;
  private static final int PAIRS = CATEGORIES * (CATEGORIES - 1) / 2;

  /** What no container gets, for the files of those that are not confined. */
  public static final String NOBODYS = level(CATEGORIES - 2, CATEGORIES - 1);

  private final RandomGenerator random;
  private final Map<String, Integer> holders = new HashMap<>(); // guarded by this

  /**
   * @param random chooses among the pairs, so that engines on one machine hardly choose the same
   */
  public CategoryPairs(RandomGenerator random) {
    this.random = random;
    keep(NOBODYS);
  }

  /** A level that nobody has, such as {@code s0:c1,c2}; it is held until {@link #release}. */
  public synchronized String take() {
    if (holders.size() >= PAIRS / 2) { // far more than an engine has containers
      throw new JcomposeException.Unavailable(
          "no pair of SELinux categories is left: remove containers");
    }
    while (true) {
      int one = random.nextInt(CATEGORIES);
      int other = random.nextInt(CATEGORIES);
      String level = level(Math.min(one, other), Math.max(one, other));
      if (one != other && !holders.containsKey(level)) {
        keep(level);
        return level;
      }
    }
  }

  /** Holds a level that is chosen already, once more if somebody does. */
  public synchronized void keep(String level) {
    holders.merge(level, 1, Integer::sum);
  }

  /** Lets go what was taken or kept, once. */
  public synchronized void release(String level) {
    holders.computeIfPresent(level, (_, count) -> count == 1 ? null : count - 1);
  }

  private static String level(int one, int other) {
    return "s0:c" + one + ",c" + other;
  }
}
