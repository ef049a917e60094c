/**
 * What confines a container: capabilities, seccomp filters, AppArmor profiles, SELinux labels.
 * Enter at SecurityOptions; knows no other room.
 */
@NullMarked
package io.jcompose.runtime.security;

import org.jspecify.annotations.NullMarked;
