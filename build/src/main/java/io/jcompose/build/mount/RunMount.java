package io.jcompose.build.mount;

import org.jspecify.annotations.Nullable;

/**
 * A mount of a {@code RUN}, of a {@code --mount} whose variables are expanded.
 *
 * @param source a path in the context, or in {@code from}
 * @param target may be relative to the working directory, which null is for a bind, cache or tmpfs;
 *     null for a secret that is only {@code env}, and for ssh's default
 * @param from a stage, a named context or an image; null for the context
 * @param id of a cache, null for the target; of a secret or an ssh agent, never null
 * @param sizeBytes of a tmpfs; 0 without a limit
 * @param mode permissions; null for the type's default
 * @param env the variable that gets a secret
 * @param required the build fails without the secret or agent
 */
public record RunMount(
    Type type,
    @Nullable String source,
    @Nullable String target,
    @Nullable String from,
    boolean readOnly,
    @Nullable String id,
    Sharing sharing,
    long sizeBytes,
    @Nullable Integer mode,
    @Nullable Long uid,
    @Nullable Long gid,
    @Nullable String env,
    boolean required) {

  /** What is mounted. */
  public enum Type {
    BIND,
    CACHE,
    TMPFS,
    SECRET,
    SSH
  }

  /** What builds at the same time have of a cache. */
  public enum Sharing {
    SHARED,
    PRIVATE,
    LOCKED
  }
}
