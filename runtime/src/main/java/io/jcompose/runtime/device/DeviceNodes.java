package io.jcompose.runtime.device;

import io.jcompose.core.ContainerSpec.Security;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Mount;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The devices of a container beside the standard ones: their nodes, and the rules that let it use
 * them. Immutable.
 *
 * @param mounts what CDI devices need beside nodes
 * @param env variables that CDI devices set
 */
public record DeviceNodes(
    List<Node> nodes, List<DeviceRule> rules, List<Mount> mounts, List<String> env) {
  private static final int CHARACTER = 0020000;

  /** What runc leaves out, and what the standard mounts and nodes of /dev take. */
  private static final Set<String> NOT_COPIED =
      Set.of(
          "pts",
          "shm",
          "fd",
          "mqueue",
          ".lxc",
          ".lxd-mounts",
          ".udev",
          "console",
          "ptmx",
          "core",
          "null",
          "zero",
          "full",
          "random",
          "urandom",
          "tty");

  /**
   * A node to make in the container.
   *
   * @param source the host's
   */
  public record Node(String source, String target, DeviceNumber number) {}

  public DeviceNodes {
    nodes = List.copyOf(nodes);
    rules = List.copyOf(rules);
    mounts = List.copyOf(mounts);
    env = List.copyOf(env);
  }

  /** The nodes that every container has. */
  public static List<Node> standard() {
    return List.of(
        standard("null", 1, 3),
        standard("zero", 1, 5),
        standard("full", 1, 7),
        standard("random", 1, 8),
        standard("urandom", 1, 9),
        standard("tty", 5, 0));
  }

  private static Node standard(String name, int major, int minor) {
    String path = "/dev/" + name;
    return new Node(path, path, new DeviceNumber(CHARACTER | 0666, major, minor, 0, 0));
  }

  /**
   * What the options ask for.
   *
   * @throws JcomposeException.InvalidArgument for what is no device here, in Docker's words
   */
  public static DeviceNodes of(Security security) {
    Map<String, Node> nodes = new LinkedHashMap<>();
    List<DeviceRule> rules = new ArrayList<>(DeviceRule.STANDARD);
    if (security.privileged()) {
      walk(Path.of("/dev"), Path.of("/dev"), NOT_COPIED, nodes);
    }
    CdiDevices cdi =
        CdiDevices.find(security.devices().stream().filter(CdiDevices::isName).toList());
    List<String> wanted = new ArrayList<>(security.devices());
    wanted.removeIf(CdiDevices::isName);
    wanted.addAll(cdi.nodes());
    for (String text : wanted) {
      Map<String, Node> added = new LinkedHashMap<>();
      int access = mapped(text, added);
      nodes.putAll(added);
      added
          .values()
          .forEach(
              node ->
                  rules.add(
                      new DeviceRule(
                          node.number.isBlock() ? 'b' : 'c',
                          node.number.major(),
                          node.number.minor(),
                          access)));
    }
    security.deviceCgroupRules().forEach(rule -> rules.add(DeviceRule.parse(rule)));
    return new DeviceNodes(
        List.copyOf(nodes.values()),
        security.privileged() ? DeviceRule.EVERYTHING : rules,
        cdi.mounts(),
        cdi.env());
  }

  /** {@code host[:container][:rwm]}; a directory stands for all devices in it. */
  private static int mapped(String text, Map<String, Node> nodes) {
    String[] parts = text.split(":");
    String target = parts.length > 1 && parts[1].startsWith("/") ? parts[1] : parts[0];
    String last = parts[parts.length - 1];
    String permissions = parts.length > 1 && !last.startsWith("/") ? last : "rwm";
    if (!permissions.matches("[rwm]{1,3}")) {
      throw new JcomposeException.InvalidArgument("invalid device mode: " + permissions);
    }
    if (Files.isDirectory(Path.of(parts[0]))) {
      walk(Path.of(parts[0]), Path.of(target), Set.of(), nodes);
      if (nodes.isEmpty()) {
        throw new JcomposeException.InvalidArgument(
            "error gathering device information while adding custom device \""
                + parts[0]
                + "\": no devices in the directory");
      }
    } else {
      nodes.put(target, new Node(parts[0], target, DeviceNumber.of(parts[0])));
    }
    return DeviceRule.accessOf(permissions);
  }

  private static void walk(
      Path directory, Path target, Set<String> leftOut, Map<String, Node> nodes) {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        String name = entry.getFileName().toString();
        Path inside = target.resolve(name);
        if (leftOut.contains(name) || Files.isSymbolicLink(entry)) {
          continue;
        }
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          walk(entry, inside, leftOut, nodes);
          continue;
        }
        DeviceNumber.read(entry)
            .ifPresent(
                number ->
                    nodes.put(
                        inside.toString(), new Node(entry.toString(), inside.toString(), number)));
      }
    } catch (NoSuchFileException e) {
      return; // unplugged while looking
    } catch (IOException e) {
      throw new JcomposeException.Internal(
          "failed to list the devices in " + directory + ": " + e.getMessage(), e);
    }
  }
}
