package io.jcompose.cli.command;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The commands on the engine's own registry. */
final class RegistryCommands {
  static final List<String> MEMBERS =
      List.of("certificate", "ls", "rm", "serve", "status", "stop", "token", "user");

  private RegistryCommands() {}

  static @Nullable Command find(String name) {
    return switch (name) {
      case "registry serve" -> serve(name);
      case "registry stop" ->
          new Command(name, "", "Stop serving; what was pushed stays").atMost(0);
      case "registry status" -> new Command(name, "", "Show how the registry is served").atMost(0);
      case "registry certificate" ->
          new Command(name, "", "Show the authority's certificate that clients are to trust")
              .atMost(0);
      case "registry ls" ->
          new Command(name, "[OPTIONS] [REPOSITORY]", "List repositories, or a repository's tags")
              .value(
                  "format", "Format the output: table (default), json or a Go template", "--format")
              .flag("Only show names", "-q", "--quiet")
              .atMost(1);
      case "registry rm" ->
          new Command(
                  name,
                  "REPOSITORY[:TAG|@DIGEST]...",
                  "Remove tags, manifests with their tags, or whole repositories")
              .arguments(1);
      case "registry token" ->
          new Command(name, "ls | add NAME | rm NAME", "Manage tokens that may only pull")
              .arguments(1)
              .atMost(2);
      case "registry user" ->
          new Command(
                  name, "[OPTIONS] ls | add NAME | rm NAME", "Manage users, who may pull and push")
              .flag("Take the password from standard input", "--password-stdin")
              .arguments(1)
              .atMost(2);
      default -> null;
    };
  }

  private static Command serve(String name) {
    return new Command(
            name,
            "[OPTIONS] [[ADDRESS:]PORT]",
            "Serve images, now and after each start of the engine (default 127.0.0.1:5000)")
        .flag("Let everybody pull without a login", "--anonymous-pull")
        .list("name", "A further name of this host, in the certificate that is made", "--hostname")
        .value("file", "Certificate of your own, PEM (default: one is made)", "--tls-cert")
        .value("file", "Key of that certificate, PEM", "--tls-key")
        .value(
            "days", "Keep manifests without a tag so long (default 7, -1 for ever)", "--untagged")
        .list(
            "host",
            "Fetch images of that registry when they are asked for, and keep them",
            "--upstream")
        .atMost(1);
  }
}
