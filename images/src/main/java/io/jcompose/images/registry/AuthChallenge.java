package io.jcompose.images.registry;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One challenge of a WWW-Authenticate header (RFC 9110 section 11.6.1).
 *
 * @param scheme lower-case: bearer, basic
 * @param parameters by lower-case name
 */
record AuthChallenge(String scheme, Map<String, String> parameters) {
  AuthChallenge {
    parameters = Map.copyOf(parameters);
  }

  /** All challenges of all header lines, in order; what is malformed is left out. */
  static List<AuthChallenge> parse(List<String> lines) {
    List<AuthChallenge> challenges = new ArrayList<>();
    for (String line : lines) {
      new Scanner(line).readInto(challenges);
    }
    return challenges;
  }

  String parameter(String name) {
    return parameters.getOrDefault(name, "");
  }

  private static final class Scanner {
    private final String text;
    private int at;

    Scanner(String text) {
      this.text = text;
    }

    void readInto(List<AuthChallenge> challenges) {
      String scheme = "";
      Map<String, String> parameters = new LinkedHashMap<>();
      while (true) {
        skip(" ,\t");
        String token = token();
        if (token.isEmpty()) {
          break;
        }
        int before = at;
        skip(" \t");
        if (at < text.length() && text.charAt(at) == '=') {
          at++;
          skip(" \t");
          parameters.put(token.toLowerCase(Locale.ROOT), value());
        } else {
          if (!scheme.isEmpty()) {
            challenges.add(new AuthChallenge(scheme, parameters));
          }
          at = before;
          scheme = token.toLowerCase(Locale.ROOT);
          parameters = new LinkedHashMap<>();
        }
      }
      if (!scheme.isEmpty()) {
        challenges.add(new AuthChallenge(scheme, parameters));
      }
    }

    private String value() {
      if (at >= text.length() || text.charAt(at) != '"') {
        return token();
      }
      StringBuilder value = new StringBuilder();
      for (at++; at < text.length() && text.charAt(at) != '"'; at++) {
        if (text.charAt(at) == '\\' && at + 1 < text.length()) {
          at++;
        }
        value.append(text.charAt(at));
      }
      at++;
      return value.toString();
    }

    private String token() {
      int start = at;
      while (at < text.length() && " ,=\"\t".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      return text.substring(Math.min(start, text.length()), Math.min(at, text.length()));
    }

    private void skip(String characters) {
      while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }
  }
}
