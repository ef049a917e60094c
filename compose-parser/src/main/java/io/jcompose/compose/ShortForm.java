package io.jcompose.compose;

import io.jcompose.compose.load.NetworkingReader;
import io.jcompose.compose.load.PathResolver;
import io.jcompose.compose.load.SectionReader;
import io.jcompose.compose.model.MountConfig;
import io.jcompose.compose.model.PortConfig;
import io.jcompose.compose.schema.MountSyntax;
import io.jcompose.compose.schema.PortSyntax;
import io.jcompose.compose.source.BaseFolder;
import io.jcompose.compose.tree.Node;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import io.jcompose.compose.tree.Problems;
import io.jcompose.compose.tree.Values;
import io.jcompose.core.JcomposeException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Volumes and ports of a command line ({@code run -v}, {@code run -p}), which are written as in a
 * compose file and mean the same. Stateless.
 */
public final class ShortForm {
  private ShortForm() {}

  /**
   * The ports that {@code [ip:][host[-host]:]container[-container][/protocol]} publishes, one for
   * each container port.
   *
   * @param option what a problem is told of, {@code --publish}
   * @throws JcomposeException.InvalidArgument saying what is wrong with it
   */
  public static List<PortConfig> ports(String option, String text) {
    Problems problems = new Problems();
    List<Node> ports = new PortSyntax(problems).ports(scalar(option, text), "");
    problems.check();
    MapNode service = new MapNode(place(option));
    Node.ListNode list = new Node.ListNode(place(option));
    list.items.addAll(ports);
    service.entries.put("ports", list);
    return NetworkingReader.ports(new Values(service));
  }

  /**
   * The mount that {@code [source:]target[:options]} asks for. As a source a path stands for a
   * folder of the host, and any other word for a volume: of the project where it declares one under
   * that key.
   *
   * @param folder what a relative source starts from
   * @param home what {@code ~} means
   * @throws JcomposeException.InvalidArgument saying what is wrong with it, also for an unknown
   *     option
   */
  public static MountConfig mount(String option, String text, Path folder, String home) {
    Problems problems = new Problems();
    Scalar scalar = scalar(option, text);
    Node mount = new MountSyntax(problems).mount(scalar, new MapNode(scalar.position), "");
    for (Problem warning : problems.warnings()) {
      throw new JcomposeException.InvalidArgument(
          option + ": " + warning.message().replace(" is ignored", ""));
    }
    problems.check();
    if (!(mount instanceof MapNode map)) {
      throw new JcomposeException.InvalidArgument(option + ": invalid spec: " + text);
    }
    if (map.text("type").equals("bind")) {
      BaseFolder base = new BaseFolder(folder, null);
      map.put(
          "source",
          new PathResolver(base, Map.of("HOME", home), problems).absolute(map.text("source")));
    }
    return new SectionReader(Map.of()).mount(new Values(map));
  }

  private static Scalar scalar(String option, String text) {
    return new Scalar(text, place(option));
  }

  private static SourcePosition place(String option) {
    return new SourcePosition(option, 0, 0);
  }
}
