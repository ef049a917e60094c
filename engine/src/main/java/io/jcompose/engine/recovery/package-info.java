/**
 * What an engine does at its start about what another left: takes over, records, removes. The entry
 * is {@link Recovery}.
 */
@NullMarked
package io.jcompose.engine.recovery;

import org.jspecify.annotations.NullMarked;
