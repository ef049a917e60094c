package io.jcompose.images.repository;

import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Json;
import java.util.regex.Pattern;

/**
 * A repository's name by the grammar of the OCI distribution specification ("Pulling manifests"):
 * no {@code ..}, no leading dot or underscore, no empty part can be in one.
 */
public record RepositoryName(String text) implements Comparable<RepositoryName> {
  /** With a registry's host before them clients take no longer ones. */
  public static final int LENGTH_LIMIT = 255;

  private static final String PART = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
  private static final Pattern NAME = Pattern.compile(PART + "(?:/" + PART + ")*");

  public RepositoryName {
    // The length first, for a pattern takes stack by the length of what it matches.
    if (text.length() > LENGTH_LIMIT || !NAME.matcher(text).matches()) {
      throw new JcomposeException.InvalidArgument(
          "invalid repository name \"" + Json.shown(text) + "\"");
    }
  }

  @Override
  public int compareTo(RepositoryName other) {
    return text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return text;
  }
}
