package io.jcompose.build.instruction;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What {@code COPY} and {@code ADD} have in common; all strings may have variables.
 *
 * @param sources paths, patterns and, for {@code ADD}, URLs; without the here-documents
 * @param files here-documents, each a file of its name; {@code sources} and {@code files} are not
 *     both empty
 * @param chown {@code user[:group]}
 * @param chmod octal or symbolic
 * @param link the layer does not depend on those below
 * @param excludes patterns
 */
public record Transfer(
    List<String> sources,
    List<Heredoc> files,
    String destination,
    @Nullable String chown,
    @Nullable String chmod,
    boolean link,
    List<String> excludes) {
  public Transfer {
    sources = List.copyOf(sources);
    files = List.copyOf(files);
    excludes = List.copyOf(excludes);
  }
}
