package io.jcompose.cli.action;

import io.jcompose.cli.wire.DialWords;

/**
 * What carries each command out. Only the action that is asked for is linked: those of other
 * commands may need jars that this process was not started with.
 */
public final class Actions {
  private Actions() {}

  /**
   * The action of a command that is no group.
   *
   * @param command its name, such as {@code up} or {@code volume ls}
   */
  public static Action of(String command) {
    return switch (command) {
      case "attach" -> FramesAction::attach;
      case "build" -> BuildAction::services;
      case "builder build", "image build" -> BuildAction::image;
      case "completion" -> CompletionAction::run;
      case "config" -> ConfigAction::run;
      case "cp" -> CopyAction::run;
      case "engine" -> EngineControl::run;
      case "events" -> FramesAction::output;
      case "exec" -> FramesAction::exec;
      case "export" -> CopyAction::export;
      case "history", "image history" -> i -> TextAction.run(i, "image/history");
      case "image pull", "image push" -> ProgressAction::image;
      case "import", "image import" -> ImageFileAction::importRoot;
      case "load", "image load" -> ImageFileAction::load;
      case "save", "image save" -> ImageFileAction::save;
      case "images" -> TextAction::images;
      case "info", "system info" -> i -> TextAction.run(i, "system/info");
      case "login" -> LoginAction::login;
      case "logout" -> LoginAction::logout;
      case "logs" -> LogsAction::run;
      case "registry user" -> RegistryUserAction::run;
      case "rm" -> RmAction::run;
      case "rmi", "image rm" -> i -> TextAction.run(i, "image/rm");
      case "run" -> FramesAction::oneOff;
      case "search" -> TextAction::search;
      case "stats" -> FramesAction::stats;
      case "tag", "image tag" -> i -> TextAction.run(i, "image/tag");
      case "up" -> UpAction::run;
      case "version" -> VersionAction::run;
      case DialWords.COMMAND -> DialAction::run;
      case "create",
          "down",
          "kill",
          "pause",
          "pull",
          "push",
          "restart",
          "scale",
          "start",
          "stop",
          "unpause",
          "wait" ->
          ProgressAction::run;
      case "builder prune",
          "container prune",
          "image prune",
          "network prune",
          "system prune",
          "volume prune" ->
          PruneAction::run;
      case "commit",
          "diff",
          "inspect",
          "ls",
          "networks",
          "port",
          "ps",
          "rename",
          "top",
          "volumes",
          "builder df",
          "image inspect",
          "image ls",
          "network create",
          "network inspect",
          "network ls",
          "network rm",
          "registry certificate",
          "registry ls",
          "registry rm",
          "registry serve",
          "registry status",
          "registry stop",
          "registry token",
          "system df",
          "volume create",
          "volume inspect",
          "volume ls",
          "volume rm" ->
          TextAction::run;
      default -> throw new IllegalArgumentException(command);
    };
  }
}
