package io.jcompose.network;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The program nft, which knows how rules are written. Stateless. */
final class Nft {
  private static final long LIMIT_SECONDS = 20;

  private Nft() {}

  /**
   * Carries rules out, all of them or none.
   *
   * @throws JcomposeException.Unavailable when nft is not installed
   */
  static void load(String rules) {
    try {
      Process nft = new ProcessBuilder(program(), "-f", "-").redirectErrorStream(true).start();
      try (var in = nft.getOutputStream()) {
        in.write(rules.getBytes(StandardCharsets.UTF_8));
      }
      String output = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!nft.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        nft.destroyForcibly();
        throw new JcomposeException.Timeout("nft did not load the firewall table in time");
      }
      if (nft.exitValue() != 0) {
        throw new JcomposeException.Internal(
            "failed to load the firewall table: " + output.strip());
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
