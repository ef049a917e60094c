package io.jcompose.build.instruction;

/**
 * A here-document.
 *
 * @param name the word that ends it
 * @param content the lines up to that word, as they are in the file, each with its line feed
 * @param expand variables in it are expanded, as the word was not quoted
 * @param stripTabs written {@code <<-}
 * @param fd the number before {@code <<}; 0 without one
 */
public record Heredoc(String name, String content, boolean expand, boolean stripTabs, int fd) {

  /** The content, with leading tabs removed where {@code <<-} asks for it. */
  public String text() {
    if (!stripTabs) {
      return content;
    }
    StringBuilder text = new StringBuilder(content.length());
    boolean start = true;
    for (int i = 0; i < content.length(); i++) {
      char c = content.charAt(i);
      if (!start || c != '\t') {
        text.append(c);
        start = c == '\n';
      }
    }
    return text.toString();
  }
}
