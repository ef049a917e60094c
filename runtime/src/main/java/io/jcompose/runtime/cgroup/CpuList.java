package io.jcompose.runtime.cgroup;

import io.jcompose.core.JcomposeException;
import java.util.BitSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The kernel's notation for sets of CPUs: {@code 0-3,7}; man 7 cpuset, "List format". */
public final class CpuList {
  private static final Pattern RANGE = Pattern.compile("(\\d{1,4})(?:-(\\d{1,4}))?");

  private CpuList() {}

  /** Throws InvalidArgument for what is no such list; an empty string is the empty set. */
  public static BitSet parse(String text) {
    BitSet cpus = new BitSet();
    for (String part : text.isEmpty() ? new String[0] : text.split(",", -1)) {
      Matcher range = RANGE.matcher(part.strip());
      if (!range.matches()) {
        throw invalid(text);
      }
      int first = Integer.parseInt(range.group(1));
      int last = range.group(2) == null ? first : Integer.parseInt(range.group(2));
      if (last < first) {
        throw invalid(text);
      }
      cpus.set(first, last + 1);
    }
    return cpus;
  }

  public static String text(BitSet cpus) {
    StringBuilder text = new StringBuilder();
    for (int first = cpus.nextSetBit(0); first >= 0; ) {
      int end = cpus.nextClearBit(first);
      text.append(text.isEmpty() ? "" : ",").append(first);
      if (end - first > 1) {
        text.append('-').append(end - 1);
      }
      first = cpus.nextSetBit(end);
    }
    return text.toString();
  }

  private static JcomposeException invalid(String text) {
    return new JcomposeException.InvalidArgument(
        "invalid CPU list \"" + text + "\": write numbers and ranges, like 0-2,5");
  }
}
