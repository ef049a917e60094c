package io.jcompose.build.solve;

import io.jcompose.core.JcomposeException;
import io.jcompose.core.Progress;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.core.build.CachePlace;
import io.jcompose.core.sync.GivenUp;
import io.jcompose.images.BuildLayer;
import io.jcompose.images.BuildLayers;
import io.jcompose.images.ImportedSteps;
import io.jcompose.images.StepCaches;
import io.jcompose.linux.library.NativeSha256;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The results of steps that a call takes from elsewhere and brings there. What was taken from a
 * place counts for builds that name the place, and for no others: whoever writes there decides what
 * it is. Thread-safe; the call closes it.
 */
final class Caches implements AutoCloseable {
  private final StepCaches places;
  private final BuildLayers layers;
  private final Progress progress;
  private final GivenUp givenUp;
  private final Map<CachePlace, ImportedSteps> open = new ConcurrentHashMap<>();
  private final Map<String, List<StepCaches.Step>> steps = new ConcurrentHashMap<>(); // by build

  Caches(StepCaches places, BuildLayers layers, Progress progress, GivenUp givenUp) {
    this.places = places;
    this.layers = layers;
    this.progress = progress;
    this.givenUp = givenUp;
  }

  /** Looks at all places that builds take results from; one that cannot be read is warned of. */
  void open(List<BuildSpec> specs) {
    for (BuildSpec spec : specs) {
      for (CachePlace place : spec.cache().from()) {
        if (!open.containsKey(place)) {
          tried(
              "importing from " + place.told(),
              () -> open.put(place, places.open(place, spec.platform(), progress)));
        }
      }
    }
  }

  /** True when it went well; else it is warned of. */
  private boolean tried(String what, Runnable work) {
    try {
      givenUp.interruptibly(
          () -> {
            work.run();
            return true;
          });
      return true;
    } catch (JcomposeException.Cancelled e) {
      throw e;
    } catch (JcomposeException | UncheckedIOException e) {
      progress.report(
          Progress.Step.of("Build cache", "Warning", what + " failed: " + e.getMessage()));
      return false;
    }
  }

  /** What a step gave elsewhere: what the place says now, or once said when it cannot be read. */
  Optional<BuildLayer.Known> find(BuildSpec spec, String key, String description) {
    for (CachePlace place : spec.cache().from()) {
      ImportedSteps imported = open.get(place);
      String own = own(place, key);
      Optional<BuildLayer.Known> known =
          layers
              .known(own)
              .filter(one -> imported == null || imported.gives(key, one.layer().diffId()));
      if (known.isEmpty() && imported != null) {
        boolean whole =
            tried(
                "importing from " + place.told(),
                () ->
                    imported
                        .find(key)
                        .ifPresent(
                            one -> layers.remember(own, one.layer(), description, one.at())));
        known = whole ? layers.known(own) : Optional.empty();
      }
      if (known.isPresent()) {
        return known;
      }
    }
    return Optional.empty();
  }

  /** The key of a result that is somebody else's word. */
  private static String own(CachePlace place, String key) {
    byte[] text = (place.type() + " " + place.place() + " " + key).getBytes(StandardCharsets.UTF_8);
    return HexFormat.of().formatHex(NativeSha256.create().digest(text));
  }

  /** A build has the result of a step. */
  void made(BuildSpec spec, StepCaches.Step step) {
    if (!spec.cache().to().isEmpty()) {
      List<StepCaches.Step> all = steps.computeIfAbsent(spec.name(), name -> new ArrayList<>());
      synchronized (all) {
        all.add(step);
      }
    }
  }

  private List<StepCaches.Step> steps(BuildSpec spec) {
    List<StepCaches.Step> all = steps.getOrDefault(spec.name(), List.of());
    synchronized (all) {
      return List.copyOf(all);
    }
  }

  /** Gives the image its own results, where that is asked. */
  void embed(BuildSpec spec, ImageState image) {
    if (spec.cache().to().stream().anyMatch(to -> to.type() == CachePlace.Type.INLINE)) {
      image.cache(StepCaches.entries(steps(spec), image.layers()));
    }
  }

  /**
   * Brings the results of a build to where they are asked for.
   *
   * @throws JcomposeException.Unavailable and others when that fails, and is to fail the build
   */
  void export(BuildSpec spec, ImageState image) {
    List<StepCaches.Step> all = steps(spec);
    List<StepCaches.Step> own =
        all.stream()
            .filter(
                step ->
                    image.layers().stream()
                        .anyMatch(layer -> layer.diffId().equals(step.layer().diffId())))
            .toList();
    for (CachePlace place : spec.cache().to()) {
      List<StepCaches.Step> which = place.isWhole() ? all : own;
      if (place.type() == CachePlace.Type.INLINE || which.isEmpty()) {
        continue;
      }
      Runnable work = () -> places.export(which, place, spec.platform(), layers, progress);
      if (place.isTolerant()) {
        boolean _ = tried("exporting to " + place.told(), work);
      } else {
        givenUp.interruptibly(
            () -> {
              work.run();
              return true;
            });
      }
    }
  }

  @Override
  public void close() {
    open.values().forEach(ImportedSteps::close);
  }
}
