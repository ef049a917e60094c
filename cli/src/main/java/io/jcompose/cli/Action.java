package io.jcompose.cli;

import java.io.IOException;

/** What carries a command out; returns the exit code. */
@FunctionalInterface
interface Action {
  int run(Invocation invocation) throws IOException;
}
