package io.jcompose.build.solve;

import io.jcompose.build.context.Context;
import io.jcompose.build.context.Source;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.build.BuildSpec;
import io.jcompose.images.BuildLayer;
import io.jcompose.images.BuildLayers;
import io.jcompose.linux.file.DirectoryFd;
import io.jcompose.linux.mount.UnionView;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * What a stage copies from.
 *
 * @param stages an earlier stage by its name or number
 * @param index the stage's own
 */
record StageSources(
    Call call, BuildSpec spec, BiFunction<String, Integer, Optional<ImageState>> stages, int index)
    implements Sources {

  @Override
  public Opened open(@Nullable String from) {
    if (from == null) {
      return folder(Context.of(spec.context(), spec.dockerfile(), "the build context"));
    }
    Optional<ImageState> stage = stages.apply(from, index);
    if (stage.isPresent()) {
      return layers(stage.get().layers(), "stage " + from);
    }
    String context = spec.contexts().get(from);
    if (context == null || context.startsWith("docker-image://")) {
      String name = context == null ? from : context.substring("docker-image://".length());
      BuildLayers.Base base = call.layers().base(call.pulled(spec, name, spec.platform()).id());
      return layers(base.layers(), "image " + name);
    }
    if (context.startsWith("target:")) {
      ImageState other =
          java.util.Objects.requireNonNull(
                  call.results().get(context.substring("target:".length())), context)
              .join();
      return layers(other.layers(), "the image of " + context.substring("target:".length()));
    }
    if (!context.startsWith("/")) {
      throw new JcomposeException.NotSupported(
          "the context " + from + "=" + context + " is no folder of this host and no image");
    }
    return folder(Context.named(context, "context " + from));
  }

  private static Opened folder(Context context) {
    DirectoryFd root = context.open();
    return new Opened(context.source(root), root::close);
  }

  private Opened layers(List<BuildLayer> layers, String name) {
    UnionView view = UnionView.open(call.layers().lower(layers));
    DirectoryFd root = view.root();
    return new Opened(
        Source.ofImage(root, name),
        () -> {
          root.close();
          view.close();
        });
  }
}
