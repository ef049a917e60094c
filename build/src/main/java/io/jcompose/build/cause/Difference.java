package io.jcompose.build.cause;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Tells in words what two states of a step's inputs have different. Stateless. */
final class Difference {
  private Difference() {}

  /** The first that differs, the own ones of a step only; null when none does. */
  static @Nullable String of(StepInputs then, StepInputs now) {
    for (Input input : now.inputs()) {
      Optional<Input> was = then.input(input.name());
      if (was.isEmpty()) {
        return input.name() + " is new";
      }
      if (!was.get().digest().equals(input.digest())) {
        return between(was.get(), input);
      }
    }
    return then.inputs().stream()
        .map(Input::name)
        .filter(name -> now.input(name).isEmpty())
        .findFirst()
        .map(name -> name + " is gone")
        .orElse(null);
  }

  private static String between(Input was, Input is) {
    if (!was.files().isEmpty() && !is.files().isEmpty() && was.ofFolders() == is.ofFolders()) {
      List<String> files = files(was.files(), is.files(), is.ofFolders());
      if (!files.isEmpty()) {
        int more = files.size() - 1;
        return files.getFirst() + (more == 0 ? "" : ", and " + more + " more");
      }
    }
    return was.shown() == null || is.shown() == null
        ? is.name() + " changed"
        : is.name() + ": " + value(was.shown()) + ", now " + value(is.shown());
  }

  private static String value(String shown) {
    return shown.isEmpty() ? "empty" : shown;
  }

  private static List<String> files(
      Map<String, String> was, Map<String, String> is, boolean ofFolders) {
    List<String> found = new ArrayList<>();
    TreeSet<String> all = new TreeSet<>(was.keySet());
    all.addAll(is.keySet());
    for (String path : all) {
      String before = was.get(path);
      String now = is.get(path);
      String shown = path.isEmpty() ? "/" : path;
      if (before == null) {
        found.add(shown + " is new");
      } else if (now == null) {
        found.add(shown + " is gone");
      } else if (!before.equals(now)) {
        found.add(ofFolders ? "something in " + shown + " changed" : file(shown, before, now));
      }
    }
    return found;
  }

  /** Each is {@code TYPE MODE[,OWNER] DIGEST}, the first two in one word. */
  private static String file(String path, String was, String is) {
    String[] before = was.split(" ", 2);
    String[] now = is.split(" ", 2);
    boolean same =
        before.length == 2
            && now.length == 2
            && before[1].equals(now[1])
            && before[0].charAt(0) == now[0].charAt(0);
    if (!same) {
      return path + " changed";
    }
    String[] attributes = before[0].substring(1).split(",", 2);
    String[] ofNow = now[0].substring(1).split(",", 2);
    boolean mode = !attributes[0].equals(ofNow[0]);
    return (mode ? "permissions of " : "owner of ")
        + path
        + ": "
        + (mode ? attributes[0] : attributes[attributes.length - 1])
        + ", now "
        + (mode ? ofNow[0] : ofNow[ofNow.length - 1]);
  }
}
