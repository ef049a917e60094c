/**
 * The plan in the words of the OCI runtime specification, for a container that another runtime
 * makes. Enter at OciBundle; uses plan, security, device and cgroup.
 */
@NullMarked
package io.jcompose.runtime.oci;

import org.jspecify.annotations.NullMarked;
