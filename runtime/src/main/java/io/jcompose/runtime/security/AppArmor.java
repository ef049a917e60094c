package io.jcompose.runtime.security;

import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * The machine's AppArmor: which profiles it has, and the engine's own for containers, which is
 * loaded when the first container needs it. Safe for use by many threads.
 */
public final class AppArmor {
  /** The name of the engine's own profile. */
  public static final String OWN = "jcompose-default";

  private static final List<Path> PARSERS =
      List.of(Path.of("/usr/sbin/apparmor_parser"), Path.of("/sbin/apparmor_parser"));
  private static final int PARSER_SECONDS = 30;

  /** This machine's. */
  public static final AppArmor HERE = of(Path.of("/sys"));

  private final boolean enabled;
  private final Path profiles;
  private boolean loaded; // guarded by this

  private AppArmor(boolean enabled, Path profiles) {
    this.enabled = enabled;
    this.profiles = profiles;
  }

  /**
   * What {@code /sys} says.
   *
   * @param sys where sysfs is mounted
   */
  static AppArmor of(Path sys) {
    boolean enabled = text(sys.resolve("module/apparmor/parameters/enabled")).startsWith("Y");
    return new AppArmor(enabled, sys.resolve("kernel/security/apparmor/profiles"));
  }

  /**
   * The profile that confines a container; empty for none.
   *
   * @param wanted as in its {@code security_opt}; empty when there is nothing about it
   * @throws JcomposeException.InvalidArgument when the machine has no such profile
   */
  public String profile(String wanted, boolean privileged) {
    if (!enabled || wanted.equals(SecurityOptions.UNCONFINED)) {
      return "";
    }
    if (wanted.isEmpty() || wanted.equals(OWN)) {
      return (privileged && wanted.isEmpty()) || !isLoaded() ? "" : OWN;
    }
    if (!has(wanted)) {
      throw new JcomposeException.InvalidArgument(
          "security_opt \"apparmor="
              + wanted
              + "\": the kernel has no such profile: load it with apparmor_parser, or use"
              + " apparmor=unconfined");
    }
    return wanted;
  }

  /**
   * Why the container goes without the confinement that it might expect; empty when it does not.
   */
  public String warning(String wanted, boolean privileged) {
    if (wanted.equals(SecurityOptions.UNCONFINED)) {
      return "";
    }
    if (!enabled) {
      return !wanted.isEmpty()
          ? "security_opt apparmor=" + wanted + " has no effect: this machine has no AppArmor"
          : "";
    }
    return wanted.isEmpty() && !privileged && !isLoaded()
        ? "no AppArmor profile confines the container: install apparmor_parser (package apparmor)"
        : "";
  }

  private synchronized boolean isLoaded() {
    if (!loaded) {
      loaded = has(OWN) || load();
    }
    return loaded;
  }

  private boolean has(String profile) {
    return text(profiles).lines().anyMatch(line -> line.startsWith(profile + " ("));
  }

  private static boolean load() {
    return PARSERS.stream()
        .filter(Files::isExecutable)
        .findFirst()
        .map(AppArmor::load)
        .orElse(false);
  }

  private static boolean load(Path parser) {
    try (var profile = AppArmor.class.getResourceAsStream("apparmor-profile")) {
      Process process =
          new ProcessBuilder(parser.toString(), "-K", "-r")
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .redirectErrorStream(true)
              .start();
      try (var in = process.getOutputStream()) {
        in.write(Objects.requireNonNull(profile).readAllBytes());
      }
      if (!process.waitFor(PARSER_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return false;
      }
      return process.exitValue() == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }
}
