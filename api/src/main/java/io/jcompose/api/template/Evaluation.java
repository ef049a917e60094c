package io.jcompose.api.template;

import io.jcompose.api.template.Node.Command;
import io.jcompose.api.template.Node.Operand;
import io.jcompose.api.template.Node.Pipeline;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.Spelling;
import java.util.AbstractMap;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One rendering of a template for one value. Confined to one thread. */
final class Evaluation {
  /** Maps whose keys are the user's: a missing one is no mistake. */
  private static final Set<String> OPEN =
      Set.of(
          "Annotations",
          "Config",
          "Containers",
          "DriverOpts",
          "ExposedPorts",
          "Labels",
          "Networks",
          "Options",
          "PortBindings",
          "Ports",
          "Status",
          "Sysctls",
          "Tmpfs",
          "Volumes");

  /** Members that Docker's objects have only sometimes. */
  private static final Set<String> OPTIONAL =
      Set.of(
          "Annotations",
          "ExposedPorts",
          "Health",
          "Healthcheck",
          "Init",
          "Mounts",
          "OnBuild",
          "SizeRootFs",
          "SizeRw",
          "StopTimeout",
          "StorageOpt",
          "Sysctls",
          "Tmpfs",
          "UsageData");

  /** Texts that Docker's JSON leaves out where they are empty, and its templates show as such. */
  private static final Set<String> TEXTS = Set.of("MacAddress", "StopSignal");

  /** The same of a mount, which is told by the member that all mounts have. */
  private static final Set<String> TEXTS_OF_MOUNTS = Set.of("Driver", "Name");

  private static final String OF_MOUNTS = "Propagation";

  private final StringBuilder out = new StringBuilder();
  private final Deque<Variable> variables = new ArrayDeque<>();
  private final Allowance allowance;
  private @Nullable Object dot;

  private static final class Variable {
    final String name;
    @Nullable Object value;

    Variable(String name, @Nullable Object value) {
      this.name = name;
      this.value = value;
    }
  }

  /** How a list of nodes ended. */
  private enum Flow {
    ON,
    BREAK,
    CONTINUE
  }

  Evaluation(@Nullable Object root, Allowance allowance) {
    this.dot = root;
    this.allowance = allowance;
    variables.push(new Variable("$", root));
  }

  String render(List<Node> nodes) {
    Flow end = walk(nodes);
    assert end == Flow.ON;
    allowance.next(out.length());
    return out.toString();
  }

  private Flow walk(List<Node> nodes) {
    int scope = variables.size();
    Flow flow = Flow.ON;
    for (Node node : nodes) {
      flow = step(node);
      if (flow != Flow.ON) {
        break;
      }
    }
    while (variables.size() > scope) {
      variables.pop();
    }
    return flow;
  }

  private Flow step(Node node) {
    allowance.step(out.length());
    return switch (node) {
      case Node.Text text -> {
        out.append(text.text());
        yield Flow.ON;
      }
      case Node.Action action -> {
        Object value = value(action.pipeline());
        if (action.pipeline().variables().isEmpty()) {
          out.append(GoText.of(value));
        }
        yield Flow.ON;
      }
      case Node.Condition condition -> condition(condition);
      case Node.Loop loop -> loop(loop);
      case Node.Leave leave -> leave.loop() ? Flow.BREAK : Flow.CONTINUE;
    };
  }

  private Flow condition(Node.Condition condition) {
    int scope = variables.size();
    Object before = dot;
    Object value = value(condition.pipeline());
    boolean holds = GoText.isTrue(value);
    if (holds && condition.rebinds()) {
      dot = value;
    }
    Flow flow = walk(holds ? condition.then() : condition.otherwise());
    dot = before;
    while (variables.size() > scope) {
      variables.pop();
    }
    return flow;
  }

  private Flow loop(Node.Loop loop) {
    Pipeline pipeline = loop.pipeline();
    Object value = Nothing.orNull(value(new Pipeline(List.of(), false, pipeline.commands())));
    Object before = dot;
    int scope = variables.size();
    Flow flow = Flow.ON;
    boolean any = false;
    for (Map.Entry<?, ?> element : elements(value)) {
      any = true;
      dot = element.getValue();
      bind(pipeline, element);
      flow = walk(loop.body());
      while (variables.size() > scope) {
        variables.pop();
      }
      if (flow == Flow.BREAK) {
        break;
      }
    }
    dot = before;
    return any ? Flow.ON : walk(loop.otherwise());
  }

  private void bind(Pipeline pipeline, Map.Entry<?, ?> element) {
    List<String> names = pipeline.variables();
    if (!names.isEmpty()) {
      variables.push(new Variable(names.getLast(), element.getValue()));
    }
    if (names.size() > 1) {
      variables.push(new Variable(names.getFirst(), element.getKey()));
    }
  }

  private static List<? extends Map.Entry<?, ?>> elements(@Nullable Object value) {
    List<Map.Entry<Object, Object>> all = new ArrayList<>();
    switch (value) {
      case null -> {}
      case Collection<?> list ->
          list.forEach(item -> all.add(new AbstractMap.SimpleEntry<>((long) all.size(), item)));
      case Map<?, ?> map ->
          new TreeMap<Object, Object>(map)
              .forEach((k, v) -> all.add(new AbstractMap.SimpleEntry<>(k, v)));
      default ->
          throw new JcomposeException.InvalidArgument(
              "template: range can't iterate over " + GoText.of(value));
    }
    return all;
  }

  private @Nullable Object value(Pipeline pipeline) {
    Object value = null;
    boolean first = true;
    for (Command command : pipeline.commands()) {
      value = run(command, value, !first);
      first = false;
    }
    for (String name : pipeline.variables()) {
      if (pipeline.declares()) {
        variables.push(new Variable(name, value));
      } else {
        variable(name).value = value;
      }
    }
    return value;
  }

  private Variable variable(String name) {
    return variables.stream()
        .filter(variable -> variable.name.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new JcomposeException.InvalidArgument(
                    "template parsing error: undefined variable \"" + name + "\""));
  }

  private @Nullable Object run(Command command, @Nullable Object before, boolean hasBefore) {
    Operand head = command.operands().getFirst();
    List<Operand> rest = command.operands().subList(1, command.operands().size());
    if (head instanceof Operand.Name name) {
      return call(name, rest, before, hasBefore);
    }
    if (!rest.isEmpty() || hasBefore) {
      throw TemplateError.executing(
          head.column(), String.valueOf(head), "can't give argument to non-function " + head);
    }
    return value(head);
  }

  private @Nullable Object call(
      Operand.Name name, List<Operand> operands, @Nullable Object before, boolean hasBefore) {
    if (!Functions.NAMES.contains(name.name())) {
      String hint =
          Spelling.closest(name.name(), Functions.NAMES)
              .map(known -> "; did you mean " + known + "?")
              .orElse("; there are " + String.join(", ", Functions.NAMES));
      throw TemplateError.parsing(
          name.column(), "function \"" + name.name() + "\" not defined" + hint);
    }
    if (name.name().equals("and") || name.name().equals("or")) {
      return shortened(name.name().equals("and"), operands, before, hasBefore);
    }
    List<@Nullable Object> values = new ArrayList<>();
    operands.forEach(operand -> values.add(value(operand)));
    if (hasBefore) {
      values.add(before);
    }
    if (!name.name().startsWith("print")) {
      values.replaceAll(Nothing::orNull);
    }
    allowance.make(Functions.mostCharacters(name.name(), values));
    try {
      return Functions.call(name.name(), values);
    } catch (JcomposeException.InvalidArgument e) {
      throw TemplateError.executing(name.column(), name.name(), String.valueOf(e.getMessage()));
    }
  }

  /** The first value that decides, else the last one. */
  private @Nullable Object shortened(
      boolean and, List<Operand> operands, @Nullable Object before, boolean hasBefore) {
    Object value = null;
    for (Operand operand : operands) {
      value = value(operand);
      if (GoText.isTrue(value) != and) {
        return value;
      }
    }
    return hasBefore ? before : value;
  }

  private @Nullable Object value(Operand operand) {
    allowance.step(out.length());
    return switch (operand) {
      case Operand.Literal literal -> literal.value();
      case Operand.Name name -> call(name, List.of(), null, false);
      case Operand.Path path -> path(path);
    };
  }

  private @Nullable Object path(Operand.Path path) {
    Object value =
        path.inner() != null
            ? value(path.inner())
            : path.start().equals(".") ? dot : variable(path.start()).value;
    String parent = "";
    for (String member : path.members()) {
      value = member(path, value, parent, member);
      parent = member;
    }
    return value;
  }

  private @Nullable Object member(
      Operand.Path path, @Nullable Object value, String parent, String member) {
    if (value instanceof Map<?, ?> map) {
      boolean optional =
          OPTIONAL.contains(member) && (parent.equals("Config") || !OPEN.contains(parent));
      if (map.containsKey(member) || optional) {
        Object there = map.get(member);
        return there == null ? Nothing.ofMember(member) : there;
      }
      if (OPEN.contains(parent)) {
        return Nothing.VALUE;
      }
      if (TEXTS.contains(member)
          || (map.containsKey(OF_MOUNTS) && TEXTS_OF_MOUNTS.contains(member))) {
        return "";
      }
      List<String> known = map.keySet().stream().map(String::valueOf).toList();
      String hint =
          Spelling.closest(member, known)
              .map(name -> "; did you mean " + name + "?")
              .orElse(known.size() > 40 ? "" : "; there are " + String.join(", ", known));
      throw TemplateError.executing(
          path.column(), path.toString(), "map has no entry for key \"" + member + "\"" + hint);
    }
    throw TemplateError.executing(
        path.column(),
        path.toString(),
        Nothing.orNull(value) == null
            ? "nil data; no entry for key \"" + member + "\""
            : "can't evaluate field " + member + " in type " + Functions.kind(value));
  }
}
