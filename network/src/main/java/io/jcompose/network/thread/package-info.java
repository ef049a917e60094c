/**
 * The threads that many share: {@link io.jcompose.network.thread.KernelThreads} for calls that wait
 * on the kernel, {@link io.jcompose.network.thread.EventLoop} for sockets. Tells notices, knows
 * nothing else.
 */
@NullMarked
package io.jcompose.network.thread;

import org.jspecify.annotations.NullMarked;
