package io.jcompose.images.oci;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What /proc/cpuinfo says of the processor's abilities.
 *
 * @param amd64Level of x86-64's microarchitecture levels (System V ABI, section 3.1.1); 1 elsewhere
 * @param armVariant {@code v6} for a 32-bit arm processor that lacks version 7; empty elsewhere
 */
record Processor(int amd64Level, String armVariant) {
  private static final List<Set<String>> LEVELS =
      List.of(
          Set.of("cx16", "lahf_lm", "popcnt", "pni", "sse4_1", "sse4_2", "ssse3"),
          Set.of("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"),
          Set.of("avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"));
  private static final Processor HOST = read();

  static Processor host() {
    return HOST;
  }

  private static Processor read() {
    try {
      return of(Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.UTF_8));
    } catch (IOException e) {
      return of(""); // what all have
    }
  }

  static Processor of(String cpuinfo) {
    Set<String> flags =
        Arrays.stream(value(cpuinfo, "flags").split(" ")).collect(Collectors.toSet());
    int level = 1;
    while (level <= LEVELS.size() && flags.containsAll(LEVELS.get(level - 1))) {
      level++;
    }
    String architecture = value(cpuinfo, "CPU architecture");
    // The first Raspberry Pis say 7 there, and what they are in the name.
    String name =
        (value(cpuinfo, "model name") + value(cpuinfo, "Processor")).toLowerCase(Locale.ROOT);
    boolean old = architecture.startsWith("6") || architecture.startsWith("5");
    boolean v6 = old || (architecture.startsWith("7") && name.contains("armv6"));
    return new Processor(level, v6 ? architecture.startsWith("5") ? "v5" : "v6" : "");
  }

  private static String value(String cpuinfo, String key) {
    return cpuinfo
        .lines()
        .filter(line -> line.startsWith(key))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .findFirst()
        .orElse("");
  }
}
