package io.jcompose.runtime.security;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * A processor's architecture whose system calls can be filtered; the native one decides which
 * others are let through.
 */
enum Architecture {
  X86_64(0xc000003e, 1, "amd64", "SCMP_ARCH_X86_64"),
  I386(0x40000003, 2, "386", "SCMP_ARCH_X86"),
  ARM64(0xc00000b7, 3, "arm64", "SCMP_ARCH_AARCH64");

  /** AUDIT_ARCH_… of linux/audit.h. */
  final int audit;

  private final int column;
  final String goName;

  /** libseccomp's name of it. */
  final String word;

  Architecture(int audit, int column, String goName, String word) {
    this.audit = audit;
    this.column = column;
    this.goName = goName;
    this.word = word;
  }

  /** This machine's. */
  static Architecture current() {
    return System.getProperty("os.arch").equals("aarch64") ? ARM64 : X86_64;
  }

  /** The numbers of its system calls by name. */
  Map<String, Integer> numbers() {
    Map<String, Integer> numbers = new HashMap<>(512);
    lines(
        "syscalls.txt",
        line -> {
          String[] fields = line.split(" ");
          if (!fields[column].equals("-")) {
            numbers.put(fields[0], Integer.parseInt(fields[column]));
          }
        });
    return numbers;
  }

  /** The lines of a table that lies beside this class, without comments. */
  static void lines(String resource, Consumer<String> each) {
    try (InputStream in = Architecture.class.getResourceAsStream(resource)) {
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
