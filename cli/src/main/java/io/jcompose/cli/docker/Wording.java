package io.jcompose.cli.docker;

import io.jcompose.cli.command.Invocation;
import io.jcompose.cli.terminal.CommandFailure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What our own words are refused with, as docker says it: theirs say more, which scripts that look
 * for docker's do not expect. Stateless.
 */
final class Wording {
  private static final Pattern FILTER = Pattern.compile("invalid filter '([^'=]*)[^']*': .*");
  private static final Pattern NO_IMAGE = Pattern.compile("No such image: ([^:@\\s]+)");
  private static final Pattern NO_FILE =
      Pattern.compile("(Could not find the file .* in container )[0-9a-f]{64}");

  private Wording() {}

  /** A failure of one of docker's words in its place. */
  static CommandFailure of(Invocation invocation, CommandFailure failure) {
    String message = failure.text();
    Matcher noFile = NO_FILE.matcher(message);
    if (noFile.matches()) {
      return said(noFile.group(1) + container(invocation), failure);
    }
    if (!failure.isOfEngine() || message.startsWith(DockerApi.SAID)) {
      return failure;
    }
    Matcher filter = FILTER.matcher(message);
    if (filter.matches()) {
      return said("invalid filter '" + filter.group(1) + "'", failure);
    }
    Matcher image = NO_IMAGE.matcher(message);
    if (image.matches()) {
      return said(message + ":latest", failure);
    }
    boolean anything = invocation.command().name().equals("inspect");
    return anything && message.startsWith("No such container: ")
        ? new CommandFailure(
            message.replaceFirst("No such container", "Error: No such object"), failure.exitCode())
        : said(message, failure);
  }

  private static CommandFailure said(String message, CommandFailure failure) {
    return new CommandFailure(DockerApi.SAID + message, failure.exitCode());
  }

  /** As it was typed: {@code NAME:PATH}. */
  private static String container(Invocation invocation) {
    return invocation.arguments().stream()
        .filter(word -> word.indexOf(':') > 0 && !word.startsWith("/") && !word.startsWith("."))
        .map(word -> word.substring(0, word.indexOf(':')))
        .findFirst()
        .orElse("");
  }
}
