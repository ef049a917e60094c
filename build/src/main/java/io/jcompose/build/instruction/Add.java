package io.jcompose.build.instruction;

import org.jspecify.annotations.Nullable;

/**
 * {@code ADD}.
 *
 * @param keepGitDir of a git source; null where it is not said
 * @param checksum {@code sha256:…} of a URL, or a git commit
 * @param unpack archives; null where it is not said: local ones are, fetched ones are not
 */
public record Add(
    Place place,
    String text,
    Transfer transfer,
    @Nullable Boolean keepGitDir,
    @Nullable String checksum,
    @Nullable Boolean unpack)
    implements Instruction {}
