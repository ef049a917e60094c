package io.jcompose.runtime;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Docker's default seccomp profile, compiled to classic BPF for a set of capabilities: a binary
 * search over the system call's number for each architecture. Filters are cached, for nearly all
 * containers have the same set.
 */
final class SeccompFilter {
  /**
   * Architectures whose filter can be made; the native one decides which others are let through.
   */
  enum Arch {
    X86_64(0xc000003e, 1),
    I386(0x40000003, 2),
    ARM64(0xc00000b7, 3);

    final int audit;
    final int column;

    Arch(int audit, int column) {
      this.audit = audit;
      this.column = column;
    }

    static Arch current() {
      return System.getProperty("os.arch").equals("aarch64") ? ARM64 : X86_64;
    }
  }

  private static final int ALLOW = 0x7fff0000;
  private static final int EPERM = 0x00050001;
  private static final int ENOSYS = 0x00050000 | 38;
  private static final int KILL_PROCESS = 0x80000000;
  private static final int X32_BIT = 0x40000000;
  private static final int CLONE_NEW_FLAGS = 0x7e020000;

  private static final int LOAD = 0x20;
  private static final int JEQ = 0x15;
  private static final int JGE = 0x35;
  private static final int JSET = 0x45;
  private static final int RETURN = 0x06;
  private static final int JUMP = 0x05;

  private static final int NR_OFFSET = 0;
  private static final int ARCH_OFFSET = 4;
  private static final int FIRST_ARGUMENT_OFFSET = 16;

  private static final Map<Long, byte[]> CACHE = new ConcurrentHashMap<>();

  private SeccompFilter() {}

  /** The filter for this machine, as an array of struct sock_filter. */
  static byte[] forCapabilities(long capabilities) {
    return CACHE.computeIfAbsent(capabilities, c -> compile(c, Arch.current()));
  }

  static byte[] compile(long capabilities, Arch nativeArch) {
    List<int[]> code = new ArrayList<>();
    code.add(new int[] {LOAD, 0, 0, ARCH_OFFSET});
    List<Arch> arches =
        nativeArch == Arch.X86_64 ? List.of(Arch.X86_64, Arch.I386) : List.of(nativeArch);
    for (Arch arch : arches) {
      List<int[]> section = new ArrayList<>();
      section.add(new int[] {LOAD, 0, 0, NR_OFFSET});
      if (arch == Arch.X86_64) {
        // x32 is off in today's kernels and a way around filters in others: as if it were not there
        section.add(new int[] {JGE, 0, 1, X32_BIT});
        section.add(new int[] {RETURN, 0, 0, ENOSYS});
      }
      section.addAll(search(segments(capabilities, arch)));
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

  private static List<Segment> segments(long capabilities, Arch arch) {
    Map<String, Integer> numbers = numbers(arch);
    TreeMap<Integer, List<int[]>> special = new TreeMap<>();
    profile(
        (key, names) -> {
          if (key.equals("always") || Capabilities.has(capabilities, key)) {
            for (String name : names) {
              Integer number = numbers.get(name);
              if (number != null) {
                special.put(number, leaf(ALLOW));
              }
            }
          }
        });
    addArgumentRules(capabilities, numbers, special);
    int highest = numbers.values().stream().max(Integer::compare).orElseThrow();
    List<Segment> segments = new ArrayList<>();
    List<int[]> deny = leaf(EPERM);
    List<int[]> last = List.of();
    for (int number = 0; number <= highest; number++) {
      List<int[]> leaf = special.getOrDefault(number, deny);
      if (!same(leaf, last)) {
        segments.add(new Segment(number, leaf));
        last = leaf;
      }
    }
    segments.add(new Segment(highest + 1, leaf(ENOSYS)));
    return segments;
  }

  private static boolean same(List<int[]> a, List<int[]> b) {
    return a.size() == 1 && b.size() == 1 && a.getFirst()[3] == b.getFirst()[3];
  }

  private static void addArgumentRules(
      long capabilities, Map<String, Integer> numbers, Map<Integer, List<int[]>> special) {
    Integer personality = numbers.get("personality");
    if (personality != null) {
      special.put(
          personality,
          List.of(
              new int[] {LOAD, 0, 0, FIRST_ARGUMENT_OFFSET},
              new int[] {JEQ, 5, 0, 0},
              new int[] {JEQ, 4, 0, 8},
              new int[] {JEQ, 3, 0, 0x20000},
              new int[] {JEQ, 2, 0, 0x20008},
              new int[] {JEQ, 1, 0, 0xffffffff},
              new int[] {RETURN, 0, 0, EPERM},
              new int[] {RETURN, 0, 0, ALLOW}));
    }
    Integer socket = numbers.get("socket");
    if (socket != null) { // all but AF_ALG (38) and AF_VSOCK (40)
      special.put(
          socket,
          List.of(
              new int[] {LOAD, 0, 0, FIRST_ARGUMENT_OFFSET},
              new int[] {JEQ, 1, 0, 38},
              new int[] {JEQ, 0, 1, 40},
              new int[] {RETURN, 0, 0, EPERM},
              new int[] {RETURN, 0, 0, ALLOW}));
    }
    if (Capabilities.has(capabilities, "CAP_SYS_ADMIN")) {
      return;
    }
    Integer clone = numbers.get("clone");
    if (clone != null) {
      special.put(
          clone,
          List.of(
              new int[] {LOAD, 0, 0, FIRST_ARGUMENT_OFFSET},
              new int[] {JSET, 0, 1, CLONE_NEW_FLAGS},
              new int[] {RETURN, 0, 0, EPERM},
              new int[] {RETURN, 0, 0, ALLOW}));
    }
    Integer clone3 = numbers.get("clone3");
    if (clone3 != null) { // its flags are behind a pointer; ENOSYS makes libc fall back to clone
      special.put(clone3, leaf(ENOSYS));
    }
  }

  private static List<int[]> leaf(int action) {
    return List.<int[]>of(new int[] {RETURN, 0, 0, action});
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

  static Map<String, Integer> numbers(Arch arch) {
    Map<String, Integer> numbers = new HashMap<>(512);
    lines(
        "syscalls.txt",
        line -> {
          String[] fields = line.split(" ");
          if (!fields[arch.column].equals("-")) {
            numbers.put(fields[0], Integer.parseInt(fields[arch.column]));
          }
        });
    return numbers;
  }

  private interface Group {
    void accept(String key, List<String> names);
  }

  private static void profile(Group group) {
    lines(
        "seccomp-default.txt",
        line -> {
          List<String> fields = List.of(line.split(" "));
          group.accept(fields.getFirst(), fields.subList(1, fields.size()));
        });
  }

  private static void lines(String resource, Consumer<String> each) {
    try (InputStream in = SeccompFilter.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("missing resource " + resource);
      }
      BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        if (!line.isBlank() && !line.startsWith("#")) {
          each.accept(line);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to read " + resource, e);
    }
  }
}
