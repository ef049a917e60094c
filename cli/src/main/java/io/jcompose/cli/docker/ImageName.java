package io.jcompose.cli.docker;

import io.jcompose.cli.terminal.CommandFailure;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * An image's name as a person types it, taken apart (github.com/distribution/reference). Immutable.
 *
 * @param domain of its registry, {@code docker.io} where none is said
 * @param path without the domain
 * @param rest {@code :tag} or {@code @digest}, or both; empty for none
 */
record ImageName(String domain, String path, String rest) {
  private static final String HUB = "docker.io";
  private static final Pattern PATH =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");

  private static final Pattern REST =
      Pattern.compile("(:\\w[\\w.-]{0,127})?(@[a-z0-9]+:[0-9a-f]{32,})?");

  /**
   * Takes a name apart.
   *
   * @throws CommandFailure {@code invalid reference format}
   */
  static ImageName parse(String text) {
    int at = text.indexOf('@');
    int slash = text.lastIndexOf('/', at < 0 ? text.length() : at);
    int colon = text.indexOf(':', slash + 1);
    int end = colon < 0 || (at >= 0 && at < colon) ? at : colon;
    String name = end < 0 ? text : text.substring(0, end);
    String rest = end < 0 ? "" : text.substring(end);
    int first = name.indexOf('/');
    String head = first < 0 ? "" : name.substring(0, first);
    boolean named = head.contains(".") || head.contains(":") || head.equals("localhost");
    String domain = named ? head.replaceFirst("^(index|registry-1)\\.docker\\.io$", HUB) : HUB;
    String path = named ? name.substring(first + 1) : name;
    String whole = domain.equals(HUB) && !path.contains("/") ? "library/" + path : path;
    if (PATH.matcher(path.toLowerCase(Locale.ROOT)).matches()
        && !path.equals(path.toLowerCase(Locale.ROOT))) {
      throw new CommandFailure(
          "invalid reference format: repository name (" + whole + ") must be lowercase", 1);
    }
    if (!PATH.matcher(path).matches() || !REST.matcher(rest).matches()) {
      throw new CommandFailure("invalid reference format", 1);
    }
    return new ImageName(domain, whole, rest);
  }

  boolean isTagged() {
    return !rest.isEmpty();
  }

  /** With its tag, as people write it. */
  String familiar() {
    return name() + tagged();
  }

  /** With its registry and its tag. */
  String canonical() {
    return domain + "/" + path + tagged();
  }

  /** As people write it, without its tag. */
  String name() {
    String plain = domain.equals(HUB) ? path.replaceFirst("^library/([^/]+)$", "$1") : path;
    return (domain.equals(HUB) ? "" : domain + "/") + plain;
  }

  private String tagged() {
    return rest.isEmpty() ? ":latest" : rest;
  }

  /** The digest where there is one, else the tag; without the leading sign. */
  String tag() {
    String all = tagged();
    return all.substring(Math.max(all.indexOf('@'), 0) + 1);
  }
}
