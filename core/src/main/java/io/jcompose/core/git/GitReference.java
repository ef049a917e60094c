package io.jcompose.core.git;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A folder or file in a git repository, as {@code https://host/repo.git#ref:folder}, {@code
 * ssh://…}, {@code git://…}, {@code user@host:repo} or {@code github.com/user/repo}.
 *
 * @param ref a branch, tag or commit; empty is the default branch
 * @param folder inside the repository, without a slash at its ends; empty is its root
 */
public record GitReference(String remote, String ref, String folder) {
  private static final List<String> SCHEMES = List.of("https://", "http://", "ssh://", "git://");
  // Neither the host nor the user may begin like an option of ssh or git.
  private static final Pattern URL =
      Pattern.compile(
          "[a-z]+://([\\w.~%+][\\w.~%+-]*(:[^@/]*)?@)?[\\w.\\[][\\w.:\\[\\]-]*/[^\\s\\p{Cntrl}]+");
  private static final Pattern SCP =
      Pattern.compile("[\\w.~+][\\w.~+-]*@[\\w.][\\w.-]*:[^-\\s\\p{Cntrl}][^\\s\\p{Cntrl}]*");
  private static final Pattern REF = Pattern.compile("[\\w.][\\w./@+=-]*");

  /** Thrown when a text looks like a reference to a repository and is none, or a hostile one. */
  public static final class Invalid extends Exception {
    private static final long serialVersionUID = 1L;

    Invalid(String message) {
      super(message, null, false, false);
    }
  }

  /** Whether the text means a repository rather than a path of this host. */
  public static boolean accepts(String text) {
    String remote = cut(text, true);
    return text.startsWith("github.com/")
        || (SCP.matcher(remote).matches() && !text.contains("://"))
        || text.startsWith("ssh://")
        || text.startsWith("git://")
        || text.startsWith("git@")
        || (SCHEMES.stream().anyMatch(text::startsWith) && remote.endsWith(".git"));
  }

  private static String cut(String text, boolean before) {
    int hash = text.indexOf('#');
    return before
        ? hash < 0 ? text : text.substring(0, hash)
        : hash < 0 ? "" : text.substring(hash + 1);
  }

  public static GitReference parse(String text) throws Invalid {
    String remote = cut(text, true);
    String fragment = cut(text, false);
    int colon = fragment.indexOf(':');
    String ref = colon < 0 ? fragment : fragment.substring(0, colon);
    String folder = colon < 0 ? "" : strip(fragment.substring(colon + 1));
    if (remote.startsWith("github.com/")) {
      remote = "https://" + remote;
    }
    checkRemote(text, remote);
    if (!ref.isEmpty() && (!REF.matcher(ref).matches() || ref.contains(".."))) {
      throw new Invalid("invalid git reference \"" + ref + "\" in " + text);
    }
    for (String part : folder.split("/")) {
      if (part.equals("..") || part.equals(".git") || part.chars().anyMatch(c -> c < ' ')) {
        throw new Invalid("invalid folder \"" + folder + "\" in " + text);
      }
    }
    return new GitReference(remote, ref, folder);
  }

  private static void checkRemote(String text, String remote) throws Invalid {
    boolean url = SCHEMES.stream().anyMatch(remote::startsWith) || remote.startsWith("file://");
    boolean valid = url ? isUrl(remote) : SCP.matcher(remote).matches();
    if (!valid || remote.contains("::")) {
      throw new Invalid("invalid git repository URL: " + text);
    }
  }

  private static boolean isUrl(String remote) {
    return remote.startsWith("file:///") || URL.matcher(remote).matches();
  }

  private static String strip(String folder) {
    int start = 0;
    int end = folder.length();
    while (start < end && folder.charAt(start) == '/') {
      start++;
    }
    while (end > start && folder.charAt(end - 1) == '/') {
      end--;
    }
    return folder.substring(start, end);
  }

  /** Whether the ref is a whole commit, which never changes. */
  public boolean isCommit() {
    return ref.length() == 40 && ref.chars().allMatch(c -> Character.digit(c, 16) >= 0);
  }

  /** The repository's own name. */
  public String name() {
    String last = remote.substring(Math.max(remote.lastIndexOf('/'), remote.lastIndexOf(':')) + 1);
    return last.endsWith(".git") ? last.substring(0, last.length() - 4) : last;
  }
}
