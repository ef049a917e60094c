/** Carries builds out: stages at once, their steps one after the other, each step once. */
@NullMarked
package io.jcompose.build.solve;

import org.jspecify.annotations.NullMarked;
