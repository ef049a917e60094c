/**
 * Libraries of the host that are faster than what the JDK has, where the host has them: libcrypto
 * and ISA-L. Each class does without where there is none.
 */
@NullMarked
package io.jcompose.linux.library;

import org.jspecify.annotations.NullMarked;
