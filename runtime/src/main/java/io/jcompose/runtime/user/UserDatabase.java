package io.jcompose.runtime.user;

import io.jcompose.core.JcomposeException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Users and groups as a container's files have them: man 5 passwd, man 5 group. The first entry
 * wins; one without numbers is none.
 */
final class UserDatabase {
  private static final String PASSWD = "/etc/passwd";
  private static final String GROUP = "/etc/group";
  private static final long MOST = Integer.MAX_VALUE;

  /** For an entry's number that is too large for any, which is refused later. */
  private static final long TOO_LARGE = MOST + 1;

  private static final int DIGITS = 10;

  /** One more than the kernel takes (man 2 setgroups), which so refuses what would be cut. */
  private static final int GROUPS = 65537;

  private final Function<String, FieldReader> files;
  private final Set<Long> groups = new LinkedHashSet<>();

  private UserDatabase(Function<String, FieldReader> files) {
    this.files = files;
  }

  private record Entry(String name, long uid, long gid, String home) {}

  /**
   * Looks a user up.
   *
   * @param files opens one by its path; a missing one is empty
   * @param text {@code user[:group]}, names or numbers; no user is root
   * @param more further groups
   * @throws JcomposeException.InvalidArgument in Docker's words for one that is not there
   */
  static ProcessUser find(Function<String, FieldReader> files, String text, List<String> more) {
    int colon = text.indexOf(':');
    String user = colon < 0 ? text : text.substring(0, colon);
    String group = colon < 0 ? "" : text.substring(colon + 1);
    return new UserDatabase(files).find(user, group, more);
  }

  private ProcessUser find(String user, String group, List<String> more) {
    boolean byNumber = user.isEmpty() || isNumber(user);
    long wanted = byNumber && !user.isEmpty() ? Long.parseLong(user) : 0;
    Entry found = entry(user, byNumber, wanted);
    if (found == null && !byNumber) {
      throw refused("user", user, "passwd");
    }
    long uid = found == null ? wanted : found.uid;
    long gid = found == null ? 0 : found.gid;
    if (!group.isEmpty()) {
      if (!addGroup(group)) {
        throw refused("group", group, "group");
      }
      gid = groups.iterator().next();
    } else {
      groups.add(gid);
      if (found != null) { // an explicit group replaces the supplementary ones
        addGroups(null, found.name);
      }
    }
    for (String name : more) {
      if (!addGroup(name)) {
        throw new JcomposeException.InvalidArgument("unable to find group " + name);
      }
    }
    // to the kernel the largest means "leave it as it is": root
    if (uid > MOST || groups.stream().anyMatch(number -> number > MOST)) {
      throw outOfRange("user", user);
    }
    return new ProcessUser(
        (int) uid,
        (int) gid,
        groups.stream().map(Long::intValue).toList(),
        found == null || found.home.isEmpty() ? "/" : utf8(found.home));
  }

  private static JcomposeException refused(String kind, String name, String database) {
    return isDigits(name)
        ? outOfRange(kind, name)
        : new JcomposeException.InvalidArgument(
            "unable to find %s %s: no matching entries in %s file".formatted(kind, name, database));
  }

  private static JcomposeException outOfRange(String kind, String name) {
    return new JcomposeException.InvalidArgument(
        "uids and gids must be in range 0-2147483647: %s %s".formatted(kind, name));
  }

  private static boolean isDigits(String text) {
    return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
  }

  private static boolean isNumber(String text) {
    return isDigits(text) && text.length() <= DIGITS && Long.parseLong(text) <= MOST;
  }

  private static long number(String digits) {
    String digitsOnly = digits.replaceFirst("^0+(?=.)", "");
    return digitsOnly.length() > DIGITS
        ? TOO_LARGE
        : Math.min(Long.parseLong(digitsOnly), TOO_LARGE);
  }

  private @Nullable Entry entry(String user, boolean byNumber, long wanted) {
    String name = latin(user);
    String[] fields = new String[6];
    FieldReader file = files.apply(PASSWD);
    for (int end = 0; end != FieldReader.END; ) {
      end = file.skipLine(file.read(fields));
      if (!isDigits(fields[2]) || !isDigits(fields[3])) {
        continue;
      }
      long uid = number(fields[2]);
      if (byNumber ? uid == wanted : fields[0].equals(name)) {
        return new Entry(fields[0], uid, number(fields[3]), fields[5]);
      }
    }
    return null;
  }

  private boolean addGroup(String group) {
    if (isNumber(group)) {
      add(Long.parseLong(group));
      return true;
    }
    return addGroups(latin(group), null);
  }

  private void add(long gid) {
    if (groups.size() < GROUPS) {
      groups.add(gid);
    }
  }

  /** Adds the first group of this name, or all that have this member; false when there is none. */
  private boolean addGroups(@Nullable String name, @Nullable String member) {
    boolean found = false;
    String[] fields = new String[3];
    FieldReader file = files.apply(GROUP);
    for (int end = 0; end != FieldReader.END && (name == null || !found); ) {
      end = file.read(fields);
      boolean wanted = fields[0].equals(name);
      while (end == ':' || end == ',') {
        end = file.read(',');
        wanted |= member != null && file.is(member);
      }
      if (wanted && isDigits(fields[2])) {
        add(number(fields[2]));
        found = true;
      }
    }
    return found;
  }

  private static String latin(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  private static String utf8(String latin) {
    return new String(latin.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
