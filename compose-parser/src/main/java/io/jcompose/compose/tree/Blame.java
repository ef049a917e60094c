package io.jcompose.compose.tree;

import io.jcompose.compose.SourcePosition;
import io.jcompose.compose.tree.Node.ListNode;
import io.jcompose.compose.tree.Node.MapNode;
import io.jcompose.compose.tree.Node.Scalar;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the value of an element that a message speaks of, by the words that both have: those who
 * refuse a container or network know no file. One object a message; confined to one thread.
 */
public final class Blame {
  /** Shorter words are in any sentence. */
  private static final int WORD = 3;

  /** Their values may repeat those of any other key. */
  private static final Set<String> LAST =
      Set.of(
          "annotations", "command", "depends_on", "entrypoint", "environment", "image", "labels");

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z]+");

  private final String message;
  private int best;
  private @Nullable SourcePosition place;

  private Blame(String message) {
    this.message = message;
  }

  /** The place of the longest word that is no plain one or is quoted, or else of a plain one. */
  public static SourcePosition of(MapNode element, String message) {
    Blame blame = new Blame(message);
    blame.entries(element, false);
    if (blame.place == null) {
      blame.entries(element, true);
    }
    return blame.place == null ? element.position : blame.place;
  }

  private void entries(MapNode element, boolean last) {
    element.entries.forEach(
        (key, value) -> {
          if (LAST.contains(key) == last) {
            word(key, element.place(key));
            look(value);
          }
        });
  }

  private void look(Node node) {
    if (node instanceof MapNode map) {
      map.entries.forEach(
          (key, value) -> {
            word(key, map.place(key));
            look(value);
          });
    } else if (node instanceof ListNode list) {
      list.items.forEach(this::look);
    } else if (node instanceof Scalar scalar && !(scalar.value instanceof Boolean)) {
      word(scalar.text(), node.position);
      // of a short form only a part may be wrong
      List.of(scalar.text().split("[=:,]")).forEach(part -> word(part, node.position));
    }
  }

  private void word(String word, SourcePosition at) {
    if (word.length() < WORD || at.file().isEmpty() || !isIn(word)) {
      return;
    }
    boolean plain = PLAIN.matcher(word).matches() && !message.contains("\"" + word + "\"");
    int weight = word.length() + (plain ? 0 : message.length());
    if (weight > best) {
      best = weight;
      place = at;
    }
  }

  private boolean isIn(String word) {
    String pattern = "(?<![\\w.-])" + Pattern.quote(word) + "(?![\\w-]|[./:]\\w)";
    return Pattern.compile(pattern, Pattern.CASE_INSENSITIVE).matcher(message).find();
  }
}
