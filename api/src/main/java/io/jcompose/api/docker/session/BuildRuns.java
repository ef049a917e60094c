package io.jcompose.api.docker.session;

import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.docker.rpc.RpcStream;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The builds that clients have under way, by their references. Thread-safe. */
final class BuildRuns {
  /** Those that ended, for a client that asks how it went after it did. */
  private static final int MOST_ENDED = 64;

  private final SessionBuild build;
  private final Map<String, BuildRun> runs = new LinkedHashMap<>(); // guarded by this

  BuildRuns(SessionBuild build) {
    this.build = build;
  }

  /**
   * One that is asked for, at the latest in a moment: its calls come in any order. Blocks.
   *
   * @throws RpcFailure when it is not
   */
  BuildRun asked(String reference) {
    BuildRun run = begun(reference);
    if (!run.awaitRequest()) {
      forget(run);
      throw new RpcFailure(RpcFailure.NOT_FOUND, "no such job " + reference);
    }
    return run;
  }

  private synchronized BuildRun begun(String reference) {
    return runs.computeIfAbsent(reference, name -> new BuildRun(name, build));
  }

  private synchronized void forgetOld() {
    long ended = runs.values().stream().filter(BuildRun::isEnded).count();
    var all = runs.values().iterator();
    while (ended > MOST_ENDED && all.hasNext()) {
      if (all.next().isEnded()) {
        all.remove();
        ended--;
      }
    }
  }

  /** {@code Control/Solve}: lasts as long as the build. */
  void solve(RpcStream call) throws IOException {
    ProtoMessage request = call.request();
    if (request.text(1).isEmpty()) {
      throw new RpcFailure(RpcFailure.INVALID_ARGUMENT, "a build has a reference");
    }
    BuildRun run = begun(request.text(1));
    run.claim(request);
    call.onCancel(run::giveUp);
    try {
      call.send(new ProtoWriter().map(1, run.solve(request)));
    } finally {
      run.end();
      forgetOld();
    }
  }

  /** {@code Control/Status}. */
  void status(RpcStream call) throws IOException {
    BuildRun run = begun(call.request().text(1));
    call.onCancel(() -> forget(run));
    run.tell(call);
  }

  /** One whose build never came. */
  private synchronized void forget(BuildRun run) {
    if (run.isUnasked()) {
      run.end();
      runs.values().remove(run);
    }
  }
}
