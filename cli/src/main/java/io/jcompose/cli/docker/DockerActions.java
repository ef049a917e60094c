package io.jcompose.cli.docker;

import io.jcompose.cli.action.Action;
import io.jcompose.cli.action.Actions;
import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.terminal.CommandFailure;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What carries docker's words out: by Docker's API where it has the very answer, else what our own
 * word of the same meaning does. Only the action that is asked for is linked.
 */
public final class DockerActions {
  private DockerActions() {}

  /**
   * The action of a command.
   *
   * @param name docker's long one, {@code container ls}
   */
  public static Action of(String name) {
    return switch (name) {
      case "container attach" -> AttachAction::attach;
      case "container create" -> RunAction::create;
      case "container exec" -> ExecAction::run;
      case "container kill" -> EachAction::kill;
      case "container pause" -> i -> EachAction.plain(i, "pause");
      case "container rename" -> EachAction::rename;
      case "container restart" -> i -> EachAction.end(i, "restart");
      case "container rm" -> EachAction::remove;
      case "container run" -> RunAction::run;
      case "container start" -> EachAction::start;
      case "container stop" -> i -> EachAction.end(i, "stop");
      case "container top" -> EachAction::top;
      case "container unpause" -> i -> EachAction.plain(i, "unpause");
      case "container update" -> EachAction::update;
      case "container wait" -> EachAction::await;
      case "image pull" -> Transfers::pull;
      case "image push" -> i -> i.has("all-tags") ? own(name).run(i) : Transfers.push(i);
      case "image tag" -> Transfers::tag;
      case "network connect" -> NetworkAction::connect;
      case "network create" -> NetworkAction::create;
      case "network disconnect" -> NetworkAction::disconnect;
      case "network prune" -> NetworkAction::prune;
      case "network rm" -> NetworkAction::remove;
      case "version" -> VersionAction::run;
      case "volume create" -> NetworkAction::volume;
      default -> own(name);
    };
  }

  /** By our own word; what the engine says against it is told in docker's way. */
  private static Action own(String name) {
    Action action = Actions.of(ourWord(name));
    return invocation -> {
      Invocation ours = invocation.as(ourWord(name), ourOptions(name, invocation.options()));
      try {
        return action.run(ours);
      } catch (CommandFailure e) {
        throw Wording.of(invocation, e);
      }
    };
  }

  private static String ourWord(String name) {
    return switch (name) {
      case "container ls" -> "ps";
      case "container inspect", "image inspect" -> name.equals("image inspect") ? name : "inspect";
      case "system events" -> "events";
      case "container prune" -> name;
      default -> name.startsWith("container ") ? name.substring("container ".length()) : name;
    };
  }

  /** Those that our word has beside docker's, so that it means the whole host and containers. */
  private static Map<String, Object> ourOptions(String name, Map<String, Object> given) {
    Map<String, Object> options = new LinkedHashMap<>(given);
    switch (name) {
      case "container ls" -> {
        options.put("all-projects", true);
        options.put("docker", true);
      }
      case "container stats", "system events" -> options.put("all-projects", true);
      case "container inspect" -> options.put("type", "container");
      default -> {}
    }
    return options;
  }
}
