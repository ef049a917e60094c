package io.jcompose.images.repository;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.oci.Json;
import java.util.regex.Pattern;

/** What names a manifest in a repository. */
public sealed interface ManifestReference {
  Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  /** By a tag, which may name another one tomorrow. */
  record Tag(String text) implements ManifestReference {
    public Tag {
      if (!TAG.matcher(text).matches()) {
        throw new JcomposeException.InvalidArgument("invalid tag \"" + Json.shown(text) + "\"");
      }
    }

    @Override
    public String toString() {
      return text;
    }
  }

  /** By its digest. */
  record ByDigest(Digest digest) implements ManifestReference {
    @Override
    public String toString() {
      return digest.toString();
    }
  }

  /** Parses either; throws InvalidArgument. */
  static ManifestReference parse(String text) {
    return text.indexOf(':') >= 0 ? new ByDigest(Digest.parse(text)) : new Tag(text);
  }
}
