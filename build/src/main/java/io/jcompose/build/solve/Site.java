package io.jcompose.build.solve;

import io.jcompose.build.StepRunner;
import io.jcompose.build.cause.PastBuilds;
import io.jcompose.build.context.KnownContents;
import io.jcompose.build.fetch.Fetcher;
import io.jcompose.core.Images;
import io.jcompose.core.sync.KeyedLock;
import java.nio.file.Path;

/**
 * What all builds of an engine share.
 *
 * @param runner runs the commands of RUN
 * @param caches where cache mounts lie, a directory each
 * @param scratch a folder for files that live as long as a step, on the layers' file system
 * @param fetcher brings what is elsewhere
 * @param contents of files that were read before
 * @param past what decided the steps of earlier builds
 * @param turns keep two builds from carrying the same step out at once, by its key
 */
public record Site(
    Images images,
    StepRunner runner,
    Path caches,
    Path scratch,
    Fetcher fetcher,
    KnownContents contents,
    PastBuilds past,
    KeyedLock<String> turns) {}
