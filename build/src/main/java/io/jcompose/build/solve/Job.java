package io.jcompose.build.solve;

import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.core.build.BuildSpec;

/**
 * One build of a call.
 *
 * @param asked as it was asked for, its contexts where they are
 * @param spec the same of folders of this host
 */
public record Job(BuildSpec asked, BuildSpec spec, Dockerfile file) {}
