package io.jcompose.engine;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Where an engine keeps its things. Immutable.
 *
 * @param stateRoot what must outlive a reboot, {@code /var/lib/jcompose} unless moved
 * @param runRoot what need not, on a tmpfs, {@code /run/jcompose} unless moved
 * @param configFile registries and mirrors; need not exist
 * @param shim the {@code jcompose-shim} executable
 */
public record EngineConfig(Path stateRoot, Path runRoot, Path configFile, Path shim) {
  public static final Path DEFAULT_STATE_ROOT = Path.of("/var/lib/jcompose");
  public static final Path DEFAULT_RUN_ROOT = Path.of("/run/jcompose");
  public static final Path DEFAULT_CONFIG_FILE = Path.of("/etc/jcompose/engine.json");

  public EngineConfig {
    stateRoot = stateRoot.toAbsolutePath().normalize();
    runRoot = runRoot.toAbsolutePath().normalize();
  }

  /**
   * What distinguishes this engine's kernel objects from another's on the host: empty for the
   * default state root, else 8 hex digits.
   */
  public String engineId() {
    if (stateRoot.equals(DEFAULT_STATE_ROOT)) {
      return "";
    }
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(stateRoot.toString().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 4);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JDK has SHA-256", e);
    }
  }

  /** The parent of all this engine's cgroups, in each hierarchy. */
  public String cgroupRoot() {
    return engineId().isEmpty() ? "/jcompose" : "/jcompose-" + engineId();
  }

  public Path containers() {
    return stateRoot.resolve("containers");
  }

  public Path container(String id) {
    return containers().resolve(id);
  }

  /** The log of a container, its newest file. */
  public Path log(String id) {
    return container(id).resolve(id + "-json.log");
  }

  /** Where the configs and secrets of containers lie while they run, a folder each; in memory. */
  public Path givenFiles() {
    return runRoot.resolve("files");
  }
}
