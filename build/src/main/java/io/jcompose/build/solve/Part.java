package io.jcompose.build.solve;

import io.jcompose.build.context.FileList;
import io.jcompose.build.context.Selected;
import io.jcompose.core.Digest;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A thing that COPY or ADD copies.
 *
 * @param name its last name, for a target that is a folder
 * @param directory its content is copied
 * @param archive it is unpacked
 * @param key what it is for the step's key
 * @param list its files; null where they are not here yet
 * @param digest of its files; null where they are not here yet
 * @param files fetched where they are not here yet
 */
record Part(
    String name,
    boolean directory,
    boolean archive,
    String key,
    @Nullable FileList list,
    @Nullable Digest digest,
    Supplier<Selected> files) {}
