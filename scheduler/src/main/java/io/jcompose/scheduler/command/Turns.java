package io.jcompose.scheduler.command;

import io.jcompose.core.Progress;
import io.jcompose.scheduler.execute.Conditions;
import io.jcompose.scheduler.execute.Ports;
import io.jcompose.scheduler.execute.Work;
import io.jcompose.scheduler.queue.Command;
import io.jcompose.scheduler.queue.Turn;
import io.jcompose.scheduler.queue.Turn.Manner;
import io.jcompose.scheduler.watch.ProjectVerticles;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Runs commands of projects, each in its project's {@link Turn}, on the caller's thread. */
public record Turns(ProjectVerticles verticles, Ports ports, Conditions conditions) {

  /** Waits for the turn and does the work in it. */
  public void inTurn(
      String project, String what, Manner manner, Progress caller, Consumer<Work> body) {
    Void ignored =
        of(
            project,
            what,
            manner,
            caller,
            work -> {
              work.operations().command().enter(project, caller);
              body.accept(work);
              return null;
            });
  }

  /**
   * Does work that asks for its turn itself, when it has what it needs for it. Until then it holds
   * nobody up, and is ended as it is in its turn.
   */
  public <T extends @Nullable Object> T of(
      String project, String what, Manner manner, Progress caller, Function<Work, T> body) {
    return verticles.with(
        project,
        verticle -> {
          try (Command command = Command.begin(verticle.turn(), what, manner, caller)) {
            return body.apply(Work.of(project, ports, conditions, caller, command));
          }
        });
  }

  /** Work that needs no turn. */
  public Work free(String project, Progress caller) {
    return Work.of(project, ports, conditions, caller, Command.free());
  }
}
