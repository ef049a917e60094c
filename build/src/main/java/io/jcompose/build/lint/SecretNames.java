package io.jcompose.build.lint;

import java.util.regex.Pattern;

/**
 * Names of variables whose values are likely secrets, as BuildKit's check takes them. Stateless.
 */
public final class SecretNames {
  private static final String SECRETS =
      "apikey|auth|credential|credentials|key|password|pword|passwd|secret|token";
  private static final Pattern SECRET = Pattern.compile("(?i)(?:_|^)(?:" + SECRETS + ")(?:_|$)");
  private static final Pattern HARMLESS = Pattern.compile("(?i)(?:_|^)(?:public)(?:_|$)");

  private SecretNames() {}

  public static boolean isOne(String name) {
    return SECRET.matcher(name).find() && !HARMLESS.matcher(name).find();
  }
}
