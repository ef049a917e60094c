package io.jcompose.build.cause;

import io.jcompose.build.context.FileList;
import io.jcompose.core.build.BuildSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What decides the steps of a build under way, beside those of the last one. Thread-safe. */
public final class BuildInputs {
  private final PastBuilds all;
  private final String place;
  private final FileList.Room room;
  private final List<StageInputs> stages = new ArrayList<>();
  private @Nullable PastBuild past;
  private boolean isRead;

  /**
   * @param spec as it was asked for
   * @param room for the names of files
   */
  public BuildInputs(PastBuilds all, BuildSpec spec, FileList.Room room) {
    this.all = all;
    this.place = PastBuilds.place(spec);
    this.room = room;
  }

  /**
   * A stage that begins.
   *
   * @param base the image that it stands on, with its digest; empty for another stage
   * @param remade whether something that it stands on was made anew
   */
  public synchronized StageInputs stage(String name, String base, boolean remade) {
    StageInputs stage = new StageInputs(name, base, remade, this::past);
    stages.add(stage);
    return stage;
  }

  private synchronized @Nullable PastBuild past() {
    if (!isRead) {
      past = all.find(place, room);
      isRead = true;
    }
    return past;
  }

  /**
   * The build has ended, no stage is under way.
   *
   * @param isWhole false when it broke off
   */
  public synchronized void end(boolean isWhole) {
    Map<String, PastBuild.Stage> byName = new LinkedHashMap<>();
    stages.forEach(
        stage -> byName.put(stage.name(), new PastBuild.Stage(stage.base(), stage.steps())));
    PastBuild now = new PastBuild(byName);
    PastBuild earlier = isWhole ? null : past();
    all.put(place, earlier == null ? now : now.completedBy(earlier));
  }
}
