package io.jcompose.runtime.task;

import io.jcompose.core.Containers.ExecSpec;
import io.jcompose.core.JcomposeException;
import io.jcompose.core.StreamSession;
import io.jcompose.runtime.HeldProcess;
import io.jcompose.runtime.compile.ExecTemplate;
import io.jcompose.runtime.plan.TaskPlan;
import io.jcompose.runtime.shim.Failure;
import io.jcompose.runtime.shim.Frames;
import io.jcompose.runtime.shim.ShimConnection;
import io.jcompose.runtime.shim.ShimSession;
import io.jcompose.runtime.user.ProcessUser;
import io.jcompose.runtime.user.RunningUsers;
import io.jcompose.runtime.user.UserLookup;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What is opened to a task's shim, a connection each: further programs, and its own streams. */
final class TaskSessions {
  private static final int EXECS = 128;
  private static final int ATTACHES = 12; // shim.h: CONNS, and an engine before may hold some
  private static final int SESSION_LIMIT_SECONDS = 10; // in which no session ends
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(45); // launch.c: 30 s

  private final String id;
  private final Path socket;
  private final int shimVersion;
  private final @Nullable ExecTemplate template;
  private final RunningUsers users;
  private final TaskStatistics statistics;
  private final Semaphore execs = new Semaphore(EXECS, true);
  private final Semaphore attaches = new Semaphore(ATTACHES, true);
  private final AtomicInteger ended = new AtomicInteger(); // sessions

  /**
   * @param process gives the task's first, to be closed; throws Conflict when it has ended
   * @param socket the shim's
   * @param template null when a newer engine wrote it
   */
  TaskSessions(
      String id,
      Supplier<HeldProcess> process,
      Path socket,
      int shimVersion,
      @Nullable ExecTemplate template,
      UserLookup users,
      TaskStatistics statistics) {
    this.id = id;
    this.socket = socket;
    this.shimVersion = shimVersion;
    this.template = template;
    this.users = new RunningUsers(users, process);
    this.statistics = statistics;
  }

  StreamSession exec(ExecSpec spec) {
    if (template == null) {
      throw new JcomposeException.Unavailable(
          "cannot run a program in "
              + id
              + ": it was started by a newer jcompose; restart the container or upgrade again");
    }
    ExecTemplate known = template;
    return session(execs, Frames.EXEC, () -> requestOf(known, spec));
  }

  /**
   * What a session is asked for by.
   *
   * @param plan null where there is none, or one of version 1
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  private record Request(int argument, byte[] bytes, @Nullable TaskPlan plan) {}

  private Request requestOf(ExecTemplate template, ExecSpec spec) {
    int older = spec.wholeTree() ? Frames.OLDER_WHOLE : 0;
    if (shimVersion < Frames.VERSION_OF_CALLS) {
      byte[] request = ExecTemplate.olderRequest(spec, template.olderExecPlan(spec));
      if (request.length > Frames.MAX_FRAME && shimVersion < Frames.VERSION_OF_LONG_EXECS) {
        throw new JcomposeException.Unavailable(
            "cannot run a program with so long a command and environment in "
                + id
                + ": it was started by an older jcompose; restart the container");
      }
      return new Request(older, request, null);
    }
    ProcessUser user = users.find(template.userOf(spec), template.groupAdd());
    boolean entersPids = shimVersion >= Frames.VERSION_OF_PIDS;
    TaskPlan plan = template.execPlan(spec, user, entersPids);
    return shimVersion < Frames.VERSION_OF_ENDED
        ? new Request(older, ExecTemplate.olderRequest(spec, plan.encodeOlderChild()), plan)
        : new Request(ExecTemplate.flagsOf(spec), plan.encodeChild(), plan);
  }

  StreamSession attach(boolean stdin) {
    int how = (stdin ? 1 : 0) | Frames.OLDER_LOSSLESS;
    return session(attaches, Frames.ATTACH, () -> new Request(how, new byte[0], null));
  }

  /**
   * A shim has places for so many sessions; a caller that finds none free waits for as long as
   * others end, and then for a while.
   */
  private StreamSession session(Semaphore places, int type, Supplier<Request> words) {
    try {
      int before = ended.get();
      while (!places.tryAcquire(SESSION_LIMIT_SECONDS, TimeUnit.SECONDS)) {
        if (ended.get() == before) {
          throw new JcomposeException.Conflict(
              "Container "
                  + id
                  + " has as many sessions (%d exec, %d attach) as it can; try again when one ends"
                      .formatted(EXECS, ATTACHES));
        }
        before = ended.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new JcomposeException.Cancelled("interrupted while waiting for a session of " + id);
    }
    ShimSession session = null;
    try {
      session = open(type, words, () -> giveBack(places));
      return session;
    } finally {
      if (session == null) {
        giveBack(places);
      }
    }
  }

  private void giveBack(Semaphore places) {
    ended.incrementAndGet();
    places.release();
  }

  /** The shim makes another for an exec while here its plan is made. */
  private ShimSession open(int type, Supplier<Request> words, Runnable closed) {
    ShimConnection session = null;
    try {
      ShimConnection asked = ShimConnection.connect(socket);
      session = asked;
      asked.sendType(type);
      Request request = words.get();
      var frame =
          asked.within(
              ANSWER_LIMIT,
              () -> {
                asked.sendRest(request.argument, request.bytes);
                return asked.read();
              });
      if (frame == null) {
        throw notRunning();
      }
      if (frame.type() == Frames.FAILED) {
        Failure failure =
            request.plan == null
                ? Failure.ofOlder(frame.data())
                : Failure.decode(frame.data(), request.plan);
        throw failure.toException("exec in " + id);
      }
      Runnable lost =
          request.plan == null || shimVersion < Frames.VERSION_OF_ENDED
              ? () -> {}
              : endOf(Integer.toUnsignedLong(frame.data().getInt()));
      ShimSession result = new ShimSession(session, lost, closed);
      session = null;
      return result;
    } catch (SocketTimeoutException e) {
      throw new JcomposeException.Timeout(
          "the shim of container "
              + id
              + " did not answer within "
              + ANSWER_LIMIT.toSeconds()
              + " s");
    } catch (IOException e) {
      throw notRunning();
    } finally {
      if (session != null) {
        session.close();
      }
    }
  }

  /**
   * Ends an exec that its shim has left behind. It asked the kernel to do so, which forgets it
   * where a security module labels what is executed (apparmor_bprm_committing_creds).
   */
  private Runnable endOf(long exec) {
    return () -> {
      Optional<ProcessHandle> process = ProcessHandle.of(exec);
      // the handle knows when it began: what is in the group after is no stranger
      if (process.isPresent() && statistics.processes().contains(exec)) {
        process.get().destroyForcibly();
      }
    };
  }

  private JcomposeException notRunning() {
    return new JcomposeException.Conflict("Container " + id + " is not running");
  }
}
