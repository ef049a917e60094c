package io.jcompose.api.template;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A part of a template between its braces, or outside of them. Immutable. */
sealed interface Node {
  record Text(String text) implements Node {}

  /** Prints what the pipeline gives, unless it sets a variable. */
  record Action(Pipeline pipeline) implements Node {}

  /**
   * @param rebinds {@code with}: the dot is the pipeline's value inside
   */
  record Condition(Pipeline pipeline, boolean rebinds, List<Node> then, List<Node> otherwise)
      implements Node {}

  /** The pipeline's variables, if any, are the index or key, and the element. */
  record Loop(Pipeline pipeline, List<Node> body, List<Node> otherwise) implements Node {}

  /** {@code break} or {@code continue}. */
  record Leave(boolean loop) implements Node {}

  /**
   * Commands of which each gets the value of the one before it as its last argument.
   *
   * @param variables that it sets, with their dollar sign
   * @param declares they are new, {@code :=}
   */
  record Pipeline(List<String> variables, boolean declares, List<Command> commands) {
    public Pipeline {
      variables = List.copyOf(variables);
      commands = List.copyOf(commands);
    }
  }

  /** A function and its arguments, or one value. */
  record Command(List<Operand> operands) {
    public Command {
      operands = List.copyOf(operands);
    }
  }

  /** A value in a command, with where it stands. */
  sealed interface Operand {
    int column();

    /** A text, a number, a truth, or nil. */
    record Literal(@Nullable Object value, int column) implements Operand {}

    /** The name of a function. */
    record Name(String name, int column) implements Operand {}

    /**
     * Members below a value.
     *
     * @param start {@code .}, a variable, or empty when {@code inner} is the start
     * @param inner in parentheses
     */
    record Path(String start, @Nullable Pipeline inner, List<String> members, int column)
        implements Operand {
      public Path {
        members = List.copyOf(members);
      }

      @Override
      public String toString() {
        String base = inner != null ? "(…)" : start.equals(".") ? "" : start;
        return members.isEmpty() && base.isEmpty() ? "." : base + prefixed();
      }

      private String prefixed() {
        return members.isEmpty() ? "" : "." + String.join(".", members);
      }
    }
  }
}
