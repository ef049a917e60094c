package io.jcompose.registry.access;

/** What a request may need. */
public enum Right {
  PULL,
  PUSH
}
