package io.jcompose.images;

import io.jcompose.linux.file.FileStatus;
import java.nio.file.Path;
import java.util.function.BiPredicate;
import java.util.function.BooleanSupplier;

/**
 * What becomes a layer.
 *
 * @param upper overlayfs's upper directory
 * @param leftOut of its entries, by absolute path
 * @param isGivenUp asked while it is read
 */
public record LayerFiles(
    Path upper, BiPredicate<String, FileStatus> leftOut, BooleanSupplier isGivenUp) {}
