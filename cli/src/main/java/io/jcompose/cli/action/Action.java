package io.jcompose.cli.action;

import io.jcompose.cli.command.Invocation;
import java.io.IOException;

/** What carries a command out; returns the exit code. */
@FunctionalInterface
public interface Action {
  int run(Invocation invocation) throws IOException;
}
