package io.jcompose.runtime.device;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Devices of the Container Device Interface: names such as {@code vendor.com/class=one} that files
 * in /etc/cdi and /var/run/cdi explain as device nodes, mounts and variables
 * (github.com/cncf-tags/container-device-interface, SPEC.md). Files are read anew for each start,
 * for drivers write them when they come up.
 *
 * @param nodes {@code host:container:permissions}, as the option {@code devices} has them
 */
record CdiDevices(List<String> nodes, List<Mount> mounts, List<String> env) {
  private static final List<Path> DIRECTORIES =
      List.of(Path.of("/etc/cdi"), Path.of("/var/run/cdi"));
  private static final Pattern NAME =
      Pattern.compile(
          "[A-Za-z0-9][A-Za-z0-9._-]*/[A-Za-z0-9][A-Za-z0-9_-]*=[A-Za-z0-9][A-Za-z0-9_.:-]*");
  private static final ObjectMapper JSON = new ObjectMapper();

  CdiDevices {
    nodes = List.copyOf(nodes);
    mounts = List.copyOf(mounts);
    env = List.copyOf(env);
  }

  /** True for a name of a device, false for a path. */
  static boolean isName(String device) {
    return NAME.matcher(device).matches();
  }

  /**
   * What the names stand for on this machine.
   *
   * @throws JcomposeException.InvalidArgument in Docker's words for a name that no file explains
   */
  static CdiDevices find(List<String> names) {
    return find(names, DIRECTORIES);
  }

  static CdiDevices find(List<String> names, List<Path> directories) {
    CdiDevices all = new CdiDevices(new ArrayList<>(), List.of(), List.of());
    if (names.isEmpty()) {
      return all;
    }
    List<JsonNode> specs = new ArrayList<>();
    List<String> unread = new ArrayList<>();
    directories.forEach(directory -> read(directory, specs, unread));
    List<String> nodes = new ArrayList<>();
    List<Mount> mounts = new ArrayList<>();
    List<String> env = new ArrayList<>();
    TreeSet<String> common = new TreeSet<>();
    for (String name : names) {
      int cut = name.indexOf('=');
      String kind = name.substring(0, cut);
      JsonNode found = null;
      for (JsonNode spec : specs) { // later directories have precedence
        for (JsonNode device : spec.path("devices")) {
          if (spec.path("kind").asText().equals(kind)
              && device.path("name").asText().equals(name.substring(cut + 1))) {
            found = device;
            if (common.add(kind)) {
              edit(name, spec.path("containerEdits"), nodes, mounts, env);
            }
          }
        }
      }
      if (found == null) {
        throw unresolvable(name, unread);
      }
      edit(name, found.path("containerEdits"), nodes, mounts, env);
    }
    return new CdiDevices(nodes, mounts, env);
  }

  private static JcomposeException unresolvable(String name, List<String> unread) {
    return new JcomposeException.InvalidArgument(
        "CDI device injection failed: unresolvable CDI devices "
            + name
            + (unread.isEmpty()
                ? ""
                : " (only JSON files are read, not " + String.join(", ", unread) + ")"));
  }

  private static void read(Path directory, List<JsonNode> specs, List<String> unread) {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
      for (Path file : files) {
        if (file.toString().endsWith(".json")) {
          specs.add(JSON.readTree(Files.readString(file)));
        } else if (file.toString().endsWith(".yaml")) {
          unread.add(file.toString());
        }
      }
    } catch (JsonProcessingException e) {
      throw new JcomposeException.InvalidArgument(
          "damaged CDI file in " + directory + ": " + e.getOriginalMessage(), e);
    } catch (NoSuchFileException e) {
      return; // no devices there
    } catch (IOException e) {
      throw new JcomposeException.Internal("failed to read " + directory + ": " + e, e);
    }
  }

  private static void edit(
      String name, JsonNode edits, List<String> nodes, List<Mount> mounts, List<String> env) {
    for (String unsupported : List.of("hooks", "intelRdt", "additionalGids", "netDevices")) {
      if (!edits.path(unsupported).isEmpty()) {
        throw new JcomposeException.NotSupported(
            "CDI device "
                + name
                + " needs "
                + unsupported
                + ", which this engine does not carry out");
      }
    }
    edits.path("env").forEach(variable -> env.add(variable.asText()));
    for (JsonNode node : edits.path("deviceNodes")) {
      String path = node.path("path").asText();
      nodes.add(
          node.path("hostPath").asText(path)
              + ":"
              + path
              + ":"
              + node.path("permissions").asText("rwm"));
    }
    for (JsonNode mount : edits.path("mounts")) {
      List<String> options = new ArrayList<>();
      mount.path("options").forEach(option -> options.add(option.asText()));
      mounts.add(
          new Mount.Bind(
              Path.of(mount.path("hostPath").asText()),
              mount.path("containerPath").asText(),
              options.contains("ro"),
              options.contains("rbind"),
              "rprivate"));
    }
  }
}
