package io.jcompose.runtime.security;

import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.runtime.security.SeccompProfile.Action;
import io.jcompose.runtime.security.SeccompProfile.Condition;
import io.jcompose.runtime.security.SeccompProfile.Rule;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Compiles seccomp profiles to classic BPF: a binary search over the system call's number for each
 * architecture. Default filters are cached, for nearly all containers have the same capabilities.
 */
public final class SeccompFilter {
  private static final Action ENOSYS = Action.errno(38);
  private static final int KILL_PROCESS = 0x80000000;
  private static final int X32_BIT = 0x40000000;

  private static final int LOAD = 0x20;
  private static final int JEQ = 0x15;
  private static final int JGT = 0x25;
  private static final int JGE = 0x35;
  private static final int AND = 0x54;
  private static final int RETURN = 0x06;
  private static final int JUMP = 0x05;

  private static final int NR_OFFSET = 0;
  private static final int ARCH_OFFSET = 4;
  private static final int ARGUMENTS_OFFSET = 16;

  /** Jump targets within a condition, until they are known. */
  private static final int NEXT = 0;

  private static final int HOLDS = -1;
  private static final int FAILS = -2;

  private static final Map<Long, byte[]> CACHE = new ConcurrentHashMap<>();

  private SeccompFilter() {}

  /** A container's filter for this machine, as an array of struct sock_filter; empty is none. */
  public static byte[] of(Security security, long capabilities) {
    return SeccompProfile.wanted(security)
        .map(json -> json.isEmpty() ? standard(capabilities) : ofJson(json, capabilities))
        .orElseGet(() -> new byte[0]);
  }

  private static byte[] standard(long capabilities) {
    return CACHE.computeIfAbsent(
        capabilities, c -> compile(SeccompProfile.standard(c), Architecture.current()));
  }

  private static byte[] ofJson(String json, long capabilities) {
    return compile(SeccompProfile.parse(json, capabilities), Architecture.current());
  }

  static byte[] compile(SeccompProfile profile, Architecture nativeArch) {
    List<int[]> code = new ArrayList<>();
    code.add(new int[] {LOAD, 0, 0, ARCH_OFFSET});
    for (Architecture arch : profile.arches(nativeArch)) {
      List<int[]> section = new ArrayList<>();
      section.add(new int[] {LOAD, 0, 0, NR_OFFSET});
      if (arch == Architecture.X86_64) {
        // x32 is off in today's kernels and a way around filters in others: as if it were not there
        section.add(new int[] {JGE, 0, 1, X32_BIT});
        section.add(new int[] {RETURN, 0, 0, ENOSYS.verdict()});
      }
      section.addAll(search(segments(profile, arch)));
      code.add(new int[] {JEQ, 0, 1, arch.audit});
      code.add(new int[] {JUMP, 0, 0, 1});
      code.add(new int[] {JUMP, 0, 0, section.size()});
      code.addAll(section);
    }
    code.add(new int[] {RETURN, 0, 0, KILL_PROCESS});
    ByteBuffer bytes = ByteBuffer.allocate(code.size() * 8).order(ByteOrder.nativeOrder());
    for (int[] i : code) {
      bytes.putShort((short) i[0]).put((byte) i[1]).put((byte) i[2]).putInt(i[3]);
    }
    return bytes.array();
  }

  /** What follows for the numbers from each start up to the next one's. */
  private record Segment(int start, List<int[]> leaf) {}

  private static List<Segment> segments(SeccompProfile profile, Architecture arch) {
    Map<String, Integer> numbers = arch.numbers();
    TreeMap<Integer, List<Rule>> byNumber = new TreeMap<>();
    for (Rule rule : profile.rules()) {
      for (String name : rule.names()) { // names of other architectures are passed over
        Integer number = numbers.get(name);
        if (number != null) {
          byNumber.computeIfAbsent(number, n -> new ArrayList<>()).add(rule);
        }
      }
    }
    Map<Integer, List<int[]>> leaves = new HashMap<>();
    byNumber.forEach((number, rules) -> leaves.put(number, leaf(rules, profile.otherwise())));
    int highest = byNumber.isEmpty() ? -1 : byNumber.lastKey();
    List<Segment> segments = new ArrayList<>();
    List<int[]> otherwise = verdict(profile.otherwise());
    List<int[]> last = List.of();
    for (int number = 0; number <= highest; number++) {
      List<int[]> leaf = leaves.getOrDefault(number, otherwise);
      if (!same(leaf, last)) {
        segments.add(new Segment(number, leaf));
        last = leaf;
      }
    }
    // As runc: a call newer than the profile does not exist, so that libraries fall back.
    segments.add(
        new Segment(highest + 1, profile.otherwise().lets() ? otherwise : verdict(ENOSYS)));
    return segments;
  }

  private static boolean same(List<int[]> a, List<int[]> b) {
    return a.size() == 1 && b.size() == 1 && a.getFirst()[3] == b.getFirst()[3];
  }

  /** A rule without conditions decides alone, as in libseccomp; else the first that holds does. */
  private static List<int[]> leaf(List<Rule> rules, Action otherwise) {
    for (Rule rule : rules) {
      if (rule.conditions().isEmpty()) {
        return verdict(rule.action());
      }
    }
    List<int[]> code = new ArrayList<>();
    for (Rule rule : rules) {
      List<int[]> one = new ArrayList<>();
      for (Condition condition : rule.conditions()) {
        List<int[]> test = test(condition);
        for (int i = 0; i < test.size(); i++) {
          resolve(test.get(i), HOLDS, test.size() - i - 1);
        }
        one.addAll(test);
      }
      one.addAll(verdict(rule.action()));
      for (int i = 0; i < one.size(); i++) {
        resolve(one.get(i), FAILS, one.size() - i - 1);
      }
      code.addAll(one);
    }
    code.addAll(verdict(otherwise));
    return code;
  }

  private static void resolve(int[] instruction, int target, int offset) {
    if (instruction[0] != LOAD && instruction[0] != RETURN) {
      instruction[1] = instruction[1] == target ? offset : instruction[1];
      instruction[2] = instruction[2] == target ? offset : instruction[2];
    }
  }

  private static List<int[]> test(Condition c) {
    int low = ARGUMENTS_OFFSET + 8 * c.argument();
    int high = low + 4;
    int valueHigh = (int) (c.value() >>> 32);
    int value = (int) c.value();
    int[] loadHigh = {LOAD, 0, 0, high};
    int[] loadLow = {LOAD, 0, 0, low};
    return switch (c.comparison()) {
      case EQ ->
          List.of(
              loadHigh,
              new int[] {JEQ, NEXT, FAILS, valueHigh},
              loadLow,
              new int[] {JEQ, HOLDS, FAILS, value});
      case NE ->
          List.of(
              loadHigh,
              new int[] {JEQ, NEXT, HOLDS, valueHigh},
              loadLow,
              new int[] {JEQ, FAILS, HOLDS, value});
      case GT, GE ->
          List.of(
              loadHigh,
              new int[] {JGT, HOLDS, NEXT, valueHigh},
              new int[] {JEQ, NEXT, FAILS, valueHigh},
              loadLow,
              new int[] {isStrict(c) ? JGT : JGE, HOLDS, FAILS, value});
      case LT, LE ->
          List.of(
              loadHigh,
              new int[] {JGT, FAILS, NEXT, valueHigh},
              new int[] {JEQ, NEXT, HOLDS, valueHigh},
              loadLow,
              new int[] {isStrict(c) ? JGE : JGT, FAILS, HOLDS, value});
      case MASKED_EQ ->
          List.of(
              loadHigh,
              new int[] {AND, NEXT, NEXT, valueHigh},
              new int[] {JEQ, NEXT, FAILS, (int) (c.second() >>> 32)},
              loadLow,
              new int[] {AND, NEXT, NEXT, value},
              new int[] {JEQ, HOLDS, FAILS, (int) c.second()});
    };
  }

  private static boolean isStrict(Condition c) {
    return c.comparison() == SeccompProfile.Comparison.GT
        || c.comparison() == SeccompProfile.Comparison.LT;
  }

  private static List<int[]> verdict(Action action) {
    return List.<int[]>of(new int[] {RETURN, 0, 0, action.verdict()});
  }

  private static List<int[]> search(List<Segment> segments) {
    if (segments.size() == 1) {
      return segments.getFirst().leaf;
    }
    int middle = segments.size() / 2;
    List<int[]> low = search(segments.subList(0, middle));
    List<int[]> code = new ArrayList<>();
    if (low.size() <= 255) {
      code.add(new int[] {JGE, low.size(), 0, segments.get(middle).start});
    } else {
      code.add(new int[] {JGE, 0, 1, segments.get(middle).start});
      code.add(new int[] {JUMP, 0, 0, low.size()});
    }
    code.addAll(low);
    code.addAll(search(segments.subList(middle, segments.size())));
    return code;
  }
}
