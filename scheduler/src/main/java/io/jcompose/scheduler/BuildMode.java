package io.jcompose.scheduler;

/** Which images of services that have a {@code build} section a command builds. */
public enum BuildMode {
  /** Those that are not there and cannot be pulled, and those of {@code pull_policy: build}. */
  MISSING,
  /** All of them: {@code --build}. */
  ALL,
  /** None: {@code --no-build}. */
  NEVER
}
