package io.jcompose.network.nft;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The program nft, which knows how rules are written. Stateless. */
public final class Nft {
  private static final long LIMIT_SECONDS = 20;

  private Nft() {}

  /**
   * Carries rules out, all of them or none.
   *
   * @throws JcomposeException.Unavailable when nft is not installed
   */
  public static void load(String rules) {
    load(program(), rules, LIMIT_SECONDS);
  }

  static void load(String program, String rules, long limitSeconds) {
    try {
      Process nft = new ProcessBuilder(program, "-f", "-").redirectErrorStream(true).start();
      try (Program limit = Program.limit(nft, limitSeconds)) {
        try (var in = nft.getOutputStream()) {
          in.write(rules.getBytes(StandardCharsets.UTF_8));
        }
        String output = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        int code = nft.waitFor();
        if (limit.isOver()) {
          throw new JcomposeException.Timeout(
              program + " did not load the firewall table in " + limitSeconds + " s");
        }
        if (code != 0) {
          throw new JcomposeException.Internal(
              "failed to load the firewall table: " + output.strip());
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException("failed to run nft", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while loading the firewall table");
    }
  }

  private static String program() {
    for (String folder : List.of("/usr/sbin", "/sbin", "/usr/bin", "/usr/local/sbin")) {
      Path nft = Path.of(folder, "nft");
      if (Files.isExecutable(nft)) {
        return nft.toString();
      }
    }
    throw new JcomposeException.Unavailable("nft is not installed; install the package nftables");
  }
}
