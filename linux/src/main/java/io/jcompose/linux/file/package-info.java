/**
 * Files, directories, names and attributes by descriptors; the entries are {@link
 * io.jcompose.linux.file.DirectoryFd} and {@link io.jcompose.linux.file.ForeignFile}.
 */
@NullMarked
package io.jcompose.linux.file;

import org.jspecify.annotations.NullMarked;
