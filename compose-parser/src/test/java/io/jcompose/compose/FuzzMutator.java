package io.jcompose.compose;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Changes texts at random: pieces, lines, words that parsers know, and repetition. */
final class FuzzMutator {
  private static final int MAX_LENGTH = 100_000;
  private static final String[] WORDS = {
    "$",
    "${",
    "}",
    "${a}",
    "${a:-",
    "${EMPTY:?x}",
    "$$",
    ":",
    "::",
    "- ",
    "\n",
    "\n  ",
    "\t",
    "'",
    "\"",
    "\\",
    "#",
    " #",
    "&x ",
    "*x",
    "<<: ",
    "!reset ",
    "!override ",
    "!!str ",
    "---\n",
    "...\n",
    "|\n",
    ">-\n",
    "[",
    "]",
    "{",
    "}",
    ",",
    "? ",
    "%YAML 1.1\n",
    "\u0000",
    "\uFEFF",
    "\u2028",
    "\uD800",
    "é",
    "=",
    "export ",
    "\r\n",
    "\r",
    "0x",
    "-1",
    "1e999",
    "99999999999999999999",
    ".inf",
    "null",
    "~",
    "true",
    "1-2",
    "80:80/udp",
    "[::1]:80:80",
    "0-65535",
    "1.5g",
    "-0",
    "1h1m",
    "ro",
    "services:\n",
    "  a:\n",
    "    image: x\n",
    "include: [inc.yaml]\n",
    "extends: {file: base.yaml, service: b}",
    "env_file: [e.env]",
    "depends_on: [a]",
    "networks:\n",
    "volumes:\n",
    "profiles: [p]",
    "x-a: 1\n",
    "deploy: {replicas: 2}",
    "healthcheck: {test: x}",
    "ports: [\"80:80\"]",
    "environment: {A: 1}",
    "service:",
    "container:",
    "external: true",
    "file: ",
    "content: ",
    "ulimits: {nofile: 1}",
    "build: .",
    "develop: {watch: [{path: ., action: sync, target: /a}]}",
    "name: x\n",
    "gpus: all",
    "/",
    "..",
    "~/",
    "C:\\"
  };

  private final Random random;

  FuzzMutator(Random random) {
    this.random = random;
  }

  /** A text made from one of the corpus by one to eight changes. */
  String next(List<String> corpus) {
    String text = corpus.get(random.nextInt(corpus.size()));
    int changes = 1 + random.nextInt(8);
    for (int i = 0; i < changes; i++) {
      text = change(text, corpus);
    }
    return text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) : text;
  }

  private String change(String text, List<String> corpus) {
    int from = random.nextInt(text.length() + 1);
    int to = Math.min(text.length(), from + random.nextInt(20));
    String piece = text.substring(from, to);
    String before = text.substring(0, from);
    String after = text.substring(to);
    return switch (random.nextInt(9)) {
      case 0 -> before + after;
      case 1 -> before + word() + text.substring(from);
      case 2 -> before + word() + after;
      case 3 -> before + (char) random.nextInt(128) + text.substring(from);
      case 4 ->
          before + piece.repeat(1 + random.nextInt(random.nextInt(50) == 0 ? 3000 : 6)) + after;
      case 5 -> before + other(corpus) + after;
      case 6 -> lines(text);
      case 7 -> before + other(List.of(text)) + text.substring(from);
      default -> before + random.nextInt(100_000) + after;
    };
  }

  private String word() {
    return WORDS[random.nextInt(WORDS.length)];
  }

  private String other(List<String> corpus) {
    String text = corpus.get(random.nextInt(corpus.size()));
    int from = random.nextInt(text.length() + 1);
    return text.substring(from, from + random.nextInt(text.length() - from + 1));
  }

  /** Swaps, doubles, drops or indents a line. */
  private String lines(String text) {
    List<String> lines = new ArrayList<>(List.of(text.split("\n", -1)));
    int at = random.nextInt(lines.size());
    switch (random.nextInt(4)) {
      case 0 -> lines.add(random.nextInt(lines.size() + 1), lines.get(at));
      case 1 -> lines.remove(at);
      case 2 -> lines.set(at, " ".repeat(random.nextInt(5)) + lines.get(at));
      default -> lines.set(at, lines.get(at).stripLeading());
    }
    return String.join("\n", lines);
  }
}
