package io.jcompose.api;

import java.nio.file.Path;

/** What the engine tells about itself. */
public record EngineInfo(String version, Path stateRoot, Path runRoot) {}
