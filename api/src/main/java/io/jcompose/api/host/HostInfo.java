package io.jcompose.api.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@code version} and {@code system info} tell of this host, in Docker's words. */
public final class HostInfo {
  private HostInfo() {}

  /** The members of docker's {@code version}, as far as there is something to say. */
  static Map<String, Object> version(String version) {
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("Version", version);
    members.put("Os", "linux");
    members.put("Arch", architecture("arm64", "amd64"));
    members.put("KernelVersion", System.getProperty("os.version"));
    return members;
  }

  /** Members of docker's {@code info} that hang on the host alone. */
  static Map<String, Object> host() {
    boolean unified = Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("CgroupDriver", "cgroupfs");
    members.put("CgroupVersion", unified ? "2" : "1");
    members.put("KernelVersion", System.getProperty("os.version"));
    members.put("OperatingSystem", value("/etc/os-release", "PRETTY_NAME=").replace("\"", ""));
    members.put("OSType", "linux");
    members.put("Architecture", architecture("aarch64", "x86_64"));
    members.put("NCPU", Runtime.getRuntime().availableProcessors());
    String memory = value("/proc/meminfo", "MemTotal:").replaceAll("\\D", "");
    members.put("MemTotal", memory.isEmpty() ? 0L : Long.parseLong(memory) * 1024);
    members.put("Name", value("/proc/sys/kernel/hostname", ""));
    return members;
  }

  public static String architecture(String arm, String intel) {
    String own = System.getProperty("os.arch");
    return own.equals("amd64") ? intel : own.equals("aarch64") ? arm : own;
  }

  /** The rest of the first line that begins so; empty when there is none. */
  private static String value(String file, String start) {
    try {
      List<String> lines = Files.readAllLines(Path.of(file));
      return lines.stream()
          .filter(line -> line.startsWith(start))
          .map(line -> line.substring(start.length()).strip())
          .findFirst()
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }
}
