package io.jcompose.build.solve;

import io.jcompose.build.cause.StageInputs;
import io.jcompose.build.cause.StepInputs;
import io.jcompose.build.context.Selected;
import io.jcompose.build.context.TreeDigest;
import io.jcompose.build.dockerfile.Dockerfile;
import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.images.BuildLayer;
import io.jcompose.images.BuildLayers;
import io.jcompose.images.StepCaches;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A stage under way. Confined to one thread.
 *
 * @param sources finds what {@code --from} names
 * @param cached whether earlier results count
 * @param inputs takes what decides each step
 * @param latest no file of a layer is younger; null for as young as they are
 */
record StageState(
    Call call,
    BuildSpec spec,
    Dockerfile file,
    ImageState image,
    Scope scope,
    Sources sources,
    boolean cached,
    StageInputs inputs,
    @Nullable Instant latest) {

  /** What a step gave, then or now. */
  record Done(BuildLayer layer, Instant at, boolean cached) {}

  /** What selected files are. */
  TreeDigest.Seen seen(Selected selected) {
    try {
      return TreeDigest.of(selected, call.isGivenUp(), call.room(), call.site().contents());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * What goes into the cache is what the step's key says.
   *
   * @throws JcomposeException.Conflict when something else was copied
   */
  static void requireSame(Selected selected, Digest ofKey, Digest copied) {
    if (!copied.equals(ofKey)) {
      throw new JcomposeException.Conflict(
          "/"
              + selected.path()
              + " of "
              + selected.source().name()
              + " was changed while it was copied; build again");
    }
  }

  /**
   * Carries a step out, unless it is known; two builds do not do the same at once.
   *
   * @throws JcomposeException.Cancelled when it was given up while another one did
   */
  Done step(StepKey key, String row, String description, Supplier<BuildLayer> work) {
    if (latest != null) {
      key.add("SOURCE_DATE_EPOCH", String.valueOf(latest.getEpochSecond()));
    }
    String text = key.text();
    return call.site()
        .turns()
        .locked(text, call.isGivenUp(), () -> turn(text, key, row, description, work));
  }

  private Done turn(
      String text, StepKey key, String row, String description, Supplier<BuildLayer> work) {
    StepInputs all = key.inputs();
    Optional<BuildLayer.Known> known =
        cached
            ? call.layers().known(text).or(() -> call.caches().find(spec, text, description))
            : Optional.empty();
    if (known.isPresent()) {
      inputs.known(all);
      return noted(text, description, new Done(known.get().layer(), known.get().at(), true));
    }
    if (spec.cache().explained()) {
      call.explain(spec, row, cached ? inputs.cause(all) : unwanted());
    }
    inputs.begun(all);
    BuildLayer made = work.get();
    inputs.ended();
    Instant at = call.layers().remember(text, made, description);
    return noted(text, description, new Done(made, at, false));
  }

  private Done noted(String key, String description, Done done) {
    call.caches().made(spec, new StepCaches.Step(key, done.layer, done.at, description));
    return done;
  }

  /** Makes what a step has written a layer. */
  BuildLayer sealed(BuildLayers.Work work) {
    return call.layers().seal(work, latest, call.isGivenUp());
  }

  private String unwanted() {
    return spec.cache().disabled() ? "--no-cache" : "--no-cache-filter";
  }
}
