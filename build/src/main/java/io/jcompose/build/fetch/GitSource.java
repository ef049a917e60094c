package io.jcompose.build.fetch;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.git.GitReference;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A commit of a git repository: {@code https://host/repo.git#ref:folder}, or {@code
 * https://host/repo.git?ref=REF&subdir=FOLDER}, as BuildKit has both.
 *
 * @param checksum the commit, or how it begins; empty for any
 * @param keepGitDir null where it is not said
 * @param submodules null where it is not said
 */
public record GitSource(
    GitReference reference,
    String checksum,
    @Nullable Boolean keepGitDir,
    @Nullable Boolean submodules) {
  private static final List<String> KEYS =
      List.of("ref", "branch", "tag", "subdir", "checksum", "commit", "keep-git-dir", "submodules");

  /** Whether a text means a repository. */
  public static boolean accepts(String text) {
    return GitReference.accepts(withoutQuery(text));
  }

  private static String withoutQuery(String text) {
    return text.replaceFirst("\\?[^#]*", "");
  }

  /**
   * @throws JcomposeException.InvalidArgument for what is none
   */
  public static GitSource parse(String text) {
    int query = text.indexOf('?');
    int hash = text.indexOf('#');
    if (query < 0 || (hash >= 0 && hash < query)) {
      return new GitSource(reference(text), "", null, null);
    }
    if (hash >= 0) {
      throw invalid(text, "it has a fragment and a query");
    }
    Map<String, String> values = values(text, text.substring(query + 1));
    List<String> refs =
        List.of("ref", "branch", "tag").stream().filter(values::containsKey).toList();
    if (refs.size() > 1) {
      throw invalid(text, "it has " + String.join(" and ", refs));
    }
    String ref = refs.isEmpty() ? "" : values.getOrDefault(refs.getFirst(), "");
    String folder = values.getOrDefault("subdir", "");
    return new GitSource(
        reference(text.substring(0, query) + "#" + ref + (folder.isEmpty() ? "" : ":" + folder)),
        values.getOrDefault("checksum", values.getOrDefault("commit", "")),
        truth(text, values, "keep-git-dir"),
        truth(text, values, "submodules"));
  }

  private static GitReference reference(String text) {
    try {
      return GitReference.parse(text);
    } catch (GitReference.Invalid e) {
      throw new JcomposeException.InvalidArgument(String.valueOf(e.getMessage()), e);
    }
  }

  private static Map<String, String> values(String text, String query) {
    Map<String, String> values = new LinkedHashMap<>();
    for (String member : query.split("&")) {
      int equals = member.indexOf('=');
      String key = equals < 0 ? member : member.substring(0, equals);
      if (!KEYS.contains(key)) {
        throw invalid(text, "unexpected query \"" + key + "\"");
      }
      try {
        String value = equals < 0 ? "" : member.substring(equals + 1);
        values.put(key, URLDecoder.decode(value, StandardCharsets.UTF_8));
      } catch (IllegalArgumentException e) {
        throw invalid(text, "the value of " + key + " is no text");
      }
    }
    return values;
  }

  private static @Nullable Boolean truth(String text, Map<String, String> values, String key) {
    String value = values.get(key);
    if (value == null) {
      return null;
    }
    return switch (value) {
      case "", "1", "true" -> true;
      case "0", "false" -> false;
      default -> throw invalid(text, key + " is true or false");
    };
  }

  private static JcomposeException invalid(String text, String why) {
    return new JcomposeException.InvalidArgument("invalid git source " + text + ": " + why);
  }

  /**
   * @param given {@code --checksum}; empty for none
   * @return the same, which must be that commit
   * @throws JcomposeException.InvalidArgument when it says another one already
   */
  public GitSource checked(String given) {
    if (given.isEmpty() || given.equals(checksum)) {
      return this;
    }
    if (!checksum.isEmpty()) {
      throw new JcomposeException.InvalidArgument(
          "checksum mismatch \"" + given + "\" != \"" + checksum + "\"");
    }
    return new GitSource(reference, given, keepGitDir, submodules);
  }

  /**
   * @param given {@code --keep-git-dir}; null where it is not said
   * @throws JcomposeException.InvalidArgument when it says the other already
   */
  public GitSource keeping(@Nullable Boolean given) {
    if (given == null || Objects.equals(given, keepGitDir)) {
      return this;
    }
    if (keepGitDir != null) {
      throw new JcomposeException.InvalidArgument("inconsistent keep-git-dir configuration");
    }
    return new GitSource(reference, checksum, given, submodules);
  }

  public boolean keepsGitDir() {
    return Boolean.TRUE.equals(keepGitDir);
  }
}
