/** Netlink sockets and their messages, and network namespaces. */
@NullMarked
package io.jcompose.linux.netlink;

import org.jspecify.annotations.NullMarked;
