package io.jcompose.build.instruction;

import java.util.Locale;

/** One instruction of a Dockerfile. Its values are as written: variables are expanded later. */
public sealed interface Instruction
    permits Add,
        Arg,
        Cmd,
        Copy,
        Entrypoint,
        Env,
        Expose,
        From,
        Healthcheck,
        Label,
        Maintainer,
        Onbuild,
        Run,
        Shell,
        Stopsignal,
        User,
        Volume,
        Workdir {

  /** All lines of it. */
  Place place();

  /**
   * The instruction on one line, as progress and history show it: continued lines joined, comments
   * gone, the keyword in the case it was written in, without the bodies of here-documents.
   */
  String text();

  /** The keyword, in upper case. */
  default String keyword() {
    return getClass().getSimpleName().toUpperCase(Locale.ROOT);
  }
}
