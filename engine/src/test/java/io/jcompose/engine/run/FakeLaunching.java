package io.jcompose.engine.run;

import io.jcompose.engine.launch.Launching;
import io.jcompose.engine.record.ContainerRecord;
import io.jcompose.network.Sandbox;
import io.jcompose.runtime.TaskListener;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Starts tasks that end when the test says so. */
final class FakeLaunching implements Launching {
  /** All that it started, in order. */
  final List<FakeTask> tasks = new ArrayList<>();

  /** What happens after the process runs and before the start returns. */
  Consumer<FakeTask> meanwhile = task -> {};

  @Override
  public void expect() {}

  @Override
  public Launched start(
      ContainerRecord record,
      TaskListener listener,
      Consumer<@Nullable Sandbox> beforeTask,
      int attaches) {
    beforeTask.accept(null);
    FakeTask task = new FakeTask(record.id(), listener);
    meanwhile.accept(task);
    tasks.add(task);
    return new Launched(task, null);
  }

  @Override
  public void releaseVolumes(ContainerRecord record) {}

  @Override
  public void removeFiles(String id) {}
}
