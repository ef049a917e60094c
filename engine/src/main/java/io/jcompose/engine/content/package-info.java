/** Files in and out of containers, and images made of them. The entry is {@link EngineContents}. */
@NullMarked
package io.jcompose.engine.content;

import org.jspecify.annotations.NullMarked;
