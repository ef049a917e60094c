/**
 * Which devices a container has and may use: nodes, CDI names, the rules of its group and their
 * eBPF filter. Enter at DeviceNodes; knows no other room.
 */
@NullMarked
package io.jcompose.runtime.device;

import org.jspecify.annotations.NullMarked;
