/** What is not on this host: files of the web and git repositories, for ADD and as contexts. */
@NullMarked
package io.jcompose.build.fetch;

import org.jspecify.annotations.NullMarked;
