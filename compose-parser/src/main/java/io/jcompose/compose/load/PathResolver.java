package io.jcompose.compose.load;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.schema.MountSyntax;
import io.jcompose.compose.source.BaseFolder;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.core.git.GitReference;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes the paths of a canonical tree absolute. */
public final class PathResolver {
  private static final List<String> REMOTE =
      List.of("https://", "http://", "git://", "ssh://", "github.com/", "git@");

  private final BaseFolder base;
  private final String home;
  private final Problems problems;

  public PathResolver(BaseFolder base, Map<String, String> environment, Problems problems) {
    this.base = base;
    this.problems = problems;
    home = environment.getOrDefault("HOME", "");
  }

  void project(MapNode root) {
    each(root.map("services"), this::service);
    each(root.map("configs"), object -> path(object, "file"));
    each(root.map("secrets"), object -> path(object, "file"));
    each(root.map("volumes"), this::volume);
  }

  private void volume(MapNode volume) {
    MapNode options = volume.map("driver_opts");
    // Docker Compose takes no other notation for one; ModelReader does.
    if (options != null
        && volume.text("driver").equals("local")
        && options.text("o").equals("bind")) {
      path(options, "device");
    }
  }

  void service(MapNode service) {
    MapNode build = service.map("build");
    if (build != null) {
      context(build, "context");
      keys(build);
      MapNode contexts = build.map("additional_contexts");
      if (contexts != null) {
        List.copyOf(contexts.entries.keySet()).forEach(key -> context(contexts, key));
      }
    }
    service.list("env_file").forEach(item -> read(item, "path"));
    texts(service, "label_file");
    MapNode extended = service.map("extends");
    if (extended != null) {
      read(extended, "file");
    }
    for (Node item : service.list("volumes")) {
      if (item instanceof MapNode mount && mount.text("type").equals("bind")) {
        path(mount, "source");
      }
    }
    MapNode develop = service.map("develop");
    if (develop != null) {
      develop.list("watch").forEach(item -> path(item, "path"));
    }
  }

  static boolean isRemote(String text) {
    return text.contains("://") || REMOTE.stream().anyMatch(text::startsWith);
  }

  private void context(MapNode map, String key) {
    String text = map.text(key);
    if (GitReference.accepts(text)) {
      try {
        GitReference.parse(text);
      } catch (GitReference.Invalid e) {
        Node node = map.get(key);
        problems.at(node, "", "invalid build context: " + e.getMessage());
      }
    }
    if (!isRemote(text) && !text.startsWith("service:")) {
      path(map, key);
    }
  }

  /** SSH keys are {@code id=path}. */
  private void keys(MapNode build) {
    if (build.get("ssh") instanceof MapNode map) { // where nothing is interpolated
      List.copyOf(map.entries.keySet()).forEach(key -> path(map, key));
    }
    if (build.get("ssh") instanceof ListNode list) {
      list.items.replaceAll(
          item -> {
            String text = item instanceof Scalar scalar ? scalar.text() : "";
            int equals = text.indexOf('=');
            return equals < 0
                ? item
                : new Scalar(
                    text.substring(0, equals + 1) + absolute(text.substring(equals + 1)),
                    item.position);
          });
    }
  }

  private void texts(MapNode map, String key) {
    if (map.get(key) instanceof ListNode list) {
      list.items.replaceAll(
          item ->
              item instanceof Scalar scalar && !scalar.text().isEmpty()
                  ? new Scalar(readable(scalar.text(), item.position), item.position)
                  : item);
    }
  }

  private void path(Node node, String key) {
    if (node instanceof MapNode map
        && map.get(key) instanceof Scalar scalar
        && scalar.value instanceof String text
        && !text.isEmpty()) {
      String path = absolute(text);
      if (isRelative(text)) {
        confine(path, scalar.position);
      }
      map.entries.put(key, new Scalar(path, scalar.position));
    }
  }

  /** A path that is read while loading. */
  private void read(Node node, String key) {
    if (node instanceof MapNode map
        && map.get(key) instanceof Scalar scalar
        && scalar.value instanceof String text
        && !text.isEmpty()) {
      map.entries.put(key, new Scalar(readable(text, scalar.position), scalar.position));
    }
  }

  /** The absolute path of a file that is to be read; a fetched model may only name its own. */
  String readable(String text, SourcePosition position) {
    String path = absolute(text);
    confine(path, position);
    return path;
  }

  private static boolean isRelative(String text) {
    return !text.startsWith("/") && !text.startsWith("~");
  }

  private void confine(String path, SourcePosition position) {
    if (base.root() != null && base.isLeftBy(Path.of(path))) {
      problems.error(
          position,
          "",
          "the path leads out of the folder that was fetched (" + base.root() + "): " + path);
    }
  }

  public String absolute(String text) {
    if (text.startsWith("~")) {
      int slash = text.indexOf('/');
      return slash < 0 ? home : home + text.substring(slash);
    }
    if ((text.length() > 2
            && text.charAt(1) == ':'
            && (text.charAt(2) == '\\' || text.charAt(2) == '/'))
        || text.startsWith("\\\\")) {
      return text;
    }
    return text.startsWith("/") ? text : MountSyntax.clean(base.dir() + "/" + text);
  }

  interface Visitor {
    void visit(MapNode node);
  }

  static void each(@Nullable MapNode section, Visitor visitor) {
    if (section != null) {
      for (Node node : section.entries.values()) {
        if (node instanceof MapNode map) {
          visitor.visit(map);
        }
      }
    }
  }
}
