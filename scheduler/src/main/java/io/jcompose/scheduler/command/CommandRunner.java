package io.jcompose.scheduler.command;

import io.jcompose.core.Progress;
import io.jcompose.scheduler.execute.CommandContext;
import io.jcompose.scheduler.execute.Conditions;
import io.jcompose.scheduler.execute.EnginePorts;
import io.jcompose.scheduler.queue.Command;
import io.jcompose.scheduler.queue.CommandQueue;
import io.jcompose.scheduler.queue.CommandQueue.Manner;
import io.jcompose.scheduler.watch.ProjectVerticles;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Runs commands of projects, each in its project's {@link CommandQueue}, on the caller's thread.
 */
public record CommandRunner(ProjectVerticles verticles, EnginePorts ports, Conditions conditions) {

  /** Waits for the turn and does the work in it. */
  public void inTurn(
      String project, String what, Manner manner, Progress caller, Consumer<CommandContext> body) {
    Void ignored =
        of(
            project,
            what,
            manner,
            caller,
            context -> {
              context.enter();
              body.accept(context);
              return null;
            });
  }

  /**
   * Does work that asks for its turn itself, when it has what it needs for it. Until then it holds
   * nobody up, and is ended as it is in its turn.
   */
  public <T extends @Nullable Object> T of(
      String project,
      String what,
      Manner manner,
      Progress caller,
      Function<CommandContext, T> body) {
    return verticles.with(
        project,
        verticle -> {
          try (Command command = Command.begin(verticle.queue(), what, manner, caller)) {
            return body.apply(CommandContext.of(project, ports, conditions, caller, command));
          }
        });
  }

  /** Work that needs no turn. */
  public CommandContext free(String project, Progress caller) {
    return CommandContext.of(project, ports, conditions, caller, Command.free());
  }
}
