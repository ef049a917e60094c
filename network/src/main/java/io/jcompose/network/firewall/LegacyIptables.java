package io.jcompose.network.firewall;

import io.jcompose.network.nft.Program;
import io.jcompose.network.notice.Notices;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The forward chains of iptables before nftables, which only iptables itself can change. Touched
 * only where the kernel says that such a filter table is in use. Guarded by its owner, {@link
 * ForeignFirewalls}.
 */
final class LegacyIptables {
  /** The rule that each chain gets, also for a person who wants to put it in by hand. */
  static final String RULE = "-m mark --mark 0x01000000/0x01000000 -j ACCEPT";

  private static final Logger LOG = LoggerFactory.getLogger(LegacyIptables.class);
  private static final long LIMIT_SECONDS = 10;
  private static final String DOCKER_CHAIN = "DOCKER-USER";

  /** Characters of a program's output that are kept, whatever they are, and in all. */
  private static final int BEGINNING = 4096;

  private static final int KEPT = 65_536;
  private static final List<Family> FAMILIES =
      List.of(
          new Family("iptables", Path.of("/proc/net/ip_tables_names")),
          new Family("ip6tables", Path.of("/proc/net/ip6_tables_names")));

  private final String comment;
  private final Notices notices;

  LegacyIptables(String comment, Notices notices) {
    this.comment = comment;
    this.notices = notices;
  }

  void pass() {
    for (Family family : FAMILIES) {
      if (family.isUsed()) {
        pass(family);
      }
    }
  }

  /** Best effort: what cannot be listed is not known to drop. */
  boolean dropsIpv6Input() {
    Family family = FAMILIES.getLast();
    return family.isUsed()
        && family
            .program()
            .flatMap(name -> run(name, List.of("-w", "5", "-S", "INPUT")))
            .orElse("")
            .contains("-P INPUT DROP");
  }

  void withdraw() {
    for (Family family : FAMILIES) {
      Optional<String> program = family.isUsed() ? family.program() : Optional.empty();
      if (program.isPresent()) {
        for (String chain : List.of("FORWARD", DOCKER_CHAIN)) {
          if (run(program.get(), rule("-C", chain)).isPresent()) {
            run(program.get(), rule("-D", chain));
          }
        }
        notices.clear(key(family));
      }
    }
  }

  private void pass(Family family) {
    Optional<String> program = family.program();
    Optional<String> rules =
        program.flatMap(name -> run(name, List.of("-w", "5", "-S", "FORWARD")));
    if (rules.isEmpty()) {
      notices.raise(
          key(family),
          "a firewall of iptables-legacy is in use and "
              + family.name
              + "-legacy cannot list it; if it drops forwarded packets, run: "
              + family.name
              + " -I FORWARD 1 "
              + RULE);
      return;
    }
    if (!rules.get().contains("-P FORWARD DROP")) {
      return;
    }
    String chain = rules.get().contains("-j " + DOCKER_CHAIN) ? DOCKER_CHAIN : "FORWARD";
    if (run(program.get(), rule("-C", chain)).isEmpty()) {
      run(program.get(), rule("-I", chain));
    }
    notices.raise(
        key(family),
        "chain "
            + chain
            + " of iptables-legacy drops forwarded packets; the engine added a rule to it that"
            + " accepts those of its containers (mark 0x01000000)");
  }

  private List<String> rule(String action, String chain) {
    List<String> words = new ArrayList<>(List.of("-w", "5", action, chain));
    words.addAll(List.of("-m", "comment", "--comment", comment));
    words.addAll(List.of(RULE.split(" ")));
    return words;
  }

  private static String key(Family family) {
    return "foreign firewall legacy " + family.name;
  }

  /** What it prints; empty when it fails. */
  private static Optional<String> run(String program, List<String> words) {
    List<String> command = new ArrayList<>(List.of(program));
    command.addAll(words);
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      try (Program limit = Program.limit(process, LIMIT_SECONDS)) {
        process.getOutputStream().close();
        String output = read(process.getInputStream());
        if (process.waitFor() == 0) {
          return Optional.of(output);
        }
        LOG.debug("{} {}: {}", command, limit.isOver() ? "took too long" : "failed", output);
      }
    } catch (IOException e) {
      LOG.debug("{} cannot be run", command, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Optional.empty();
  }

  /** The beginning, and what decides: a chain may have hundred thousands of rules. */
  private static String read(InputStream in) throws IOException {
    StringBuilder text = new StringBuilder();
    BufferedReader lines = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (text.length() < BEGINNING
          || (text.length() < KEPT
              && (line.startsWith("-P ") || line.contains("-j " + DOCKER_CHAIN)))) {
        text.append(line).append('\n');
      }
    }
    return text.toString().strip();
  }

  private record Family(String name, Path tables) {
    boolean isUsed() {
      try {
        return Files.exists(tables) && Files.readString(tables).lines().anyMatch("filter"::equals);
      } catch (IOException e) {
        return false;
      }
    }

    Optional<String> program() {
      for (String folder : List.of("/usr/sbin", "/sbin", "/usr/local/sbin")) {
        Path program = Path.of(folder, name + "-legacy");
        if (Files.isExecutable(program)) {
          return Optional.of(program.toString());
        }
      }
      return Optional.empty();
    }
  }
}
