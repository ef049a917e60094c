package io.jcompose.core;

import io.jcompose.core.Networking.EndpointSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Containers of this engine. Every method blocks until its effect is durable; callers run on
 * virtual threads. A reference is an id, a unique id prefix, or a name; an unknown one is NotFound
 * ({@code No such container: x}).
 */
public interface Containers {
  /**
   * Why such a container cannot be made or started here, as far as its spec and this machine tell:
   * limits, devices, files that are missing. Changes nothing; empty when nothing speaks against it.
   */
  List<JcomposeException> problems(ContainerSpec spec);

  /**
   * What such a container does without because this machine has no means for it, as sentences for
   * people; mostly empty. Changes nothing.
   */
  List<String> warnings(ContainerSpec spec);

  /**
   * The spec with the engine's defaults for what it leaves open, as {@link #create} keeps it.
   * Completing it again changes nothing. Changes nothing on the host.
   */
  default ContainerSpec completed(ContainerSpec spec) {
    return spec;
  }

  /**
   * Makes a container's record and read-write layer. Its image must exist, and its networks must by
   * its start; a named volume that does not is made.
   *
   * @return the new id
   * @throws JcomposeException.Conflict when the name is taken
   * @throws JcomposeException.NotFound without the image
   * @throws JcomposeException the first of its {@link #problems}
   */
  String create(ContainerSpec spec);

  /**
   * Starts a created or ended container; does nothing when it runs. On failure nothing of the
   * attempt is left and the record keeps the error.
   *
   * @throws JcomposeException.CommandFailed when the program cannot be executed
   * @throws JcomposeException.Conflict when a port is taken
   */
  void start(String ref);

  /** Tells that the last stop and start of a container were one restart. */
  void restarted(String ref);

  /**
   * Starts a container again after an end nobody asked for: as {@link #start}, but counts the
   * restart.
   */
  void restartAfterExit(String ref);

  /**
   * Tells that the scheduler will start the ended container again after a pause, so that it is
   * listed as restarting. The pause is written down, for whoever must go on with it after a crash.
   * Nothing happens when somebody asked for its end.
   */
  void markRestarting(String ref, Duration pause);

  /**
   * Tells that a container whose policy wants it to be started again, which makes it restarting
   * from its end on, is not started again: it becomes exited. Nothing happens to others.
   */
  void markEnded(String ref);

  /** Stops a container that is to be started again: it is restarting from its end on. */
  void stopForRestart(String ref);

  /**
   * Stops a container: its stop signal, then SIGKILL after the timeout. Returns when it has ended;
   * nothing happens when it does not run. A container that waits for its restart becomes exited.
   *
   * @param timeout null takes the container's own; negative waits for ever
   * @param manual a person asked: {@code unless-stopped} holds until the next start
   */
  void stop(String ref, @Nullable Duration timeout, boolean manual);

  /**
   * As {@link #stop(String, Duration, boolean)}, by another signal than the container's own.
   *
   * @param signal as {@link #kill} takes it; empty is the container's own
   * @throws JcomposeException.InvalidArgument for what is no signal
   */
  default void stop(String ref, String signal, @Nullable Duration timeout, boolean manual) {
    if (!signal.isEmpty()) {
      throw new JcomposeException.NotSupported("a container is stopped by its own signal here");
    }
    stop(ref, timeout, manual);
  }

  /**
   * As {@link #stopForRestart(String)}, also of one that is removed at its end: it is not.
   *
   * @param signal empty is the container's own
   * @param timeout null is the container's own; negative waits for ever
   */
  default void stopForRestart(String ref, String signal, @Nullable Duration timeout) {
    stopForRestart(ref);
  }

  /**
   * Sends a signal to the main process.
   *
   * @param signal name with or without SIG, or number
   * @throws JcomposeException.Conflict when the container does not run
   */
  void kill(String ref, String signal);

  void pause(String ref);

  void unpause(String ref);

  /**
   * Removes a container, its layer and its log. Removing what is gone succeeds.
   *
   * @param force kill it first when it runs; without, a running one is Conflict
   * @param volumes remove its anonymous volumes too
   */
  void remove(String ref, boolean force, boolean volumes);

  void rename(String ref, String newName);

  /**
   * Changes what a container may use and what follows its end, without ending it: a running one has
   * it when this returns, and the record has it for the next start. When the kernel refuses, all is
   * as before.
   *
   * @param labels all its labels from now on
   * @throws JcomposeException.Conflict when a running container cannot be changed so; its message
   *     says why
   */
  void update(
      String ref,
      Resources resources,
      ContainerSpec.RestartPolicy restart,
      Map<String, String> labels);

  /**
   * Puts a container on one more network. A running one has its interface, address and names there
   * when this returns, and its default route and published ports go by the network that would give
   * them after a start. On failure all is as before.
   *
   * @throws JcomposeException.NotFound without the network
   * @throws JcomposeException.Conflict when it is on the network already, or what is asked for
   *     there is taken
   * @throws JcomposeException.InvalidArgument when its mode leaves no choice of networks
   */
  void connect(String ref, EndpointSpec endpoint);

  /**
   * Takes a container off a network: its interface there goes, with its address and names. Default
   * route and published ports go on by another of its networks; without one it has neither.
   *
   * @param network name or id; one that is gone itself can still be left
   * @throws JcomposeException.NotFound when there is no such network and the container has none of
   *     that name
   * @throws JcomposeException.Conflict when it is not on the network
   */
  void disconnect(String ref, String network);

  /** A container, or empty. Never waits for work in progress on it. */
  Optional<ContainerView> find(String ref);

  /**
   * Containers that carry all the labels (an empty value matches any), sorted by name. Never waits
   * for work in progress.
   */
  List<ContainerView> list(Map<String, String> labels);

  /** Waits until the container does not run and returns its last exit code. */
  int await(String ref);

  /**
   * Runs a further program in a running container.
   *
   * @throws JcomposeException.Conflict when it does not run or is paused
   * @throws JcomposeException.CommandFailed when the program cannot be executed
   */
  StreamSession exec(String ref, ExecSpec spec);

  /**
   * Connects to the main process's streams; output begins with what comes after the call. May
   * precede {@link #start}.
   */
  StreamSession attach(String ref, boolean stdin);

  /** Reads the log; the reader is closed by the caller. */
  LogReader logs(String ref, LogQuery query);

  /**
   * A program for {@link #exec}.
   *
   * @param user empty takes the container's
   * @param workingDir empty takes the container's
   * @param rows of its terminal from its first moment on; 0 leaves the size unset, as columns do
   * @param wholeTree closing the session kills what the program has started too, not it alone
   */
  record ExecSpec(
      List<String> command,
      List<String> env,
      String user,
      String workingDir,
      boolean tty,
      boolean stdin,
      boolean privileged,
      int rows,
      int columns,
      boolean wholeTree) {
    public ExecSpec {
      command = List.copyOf(command);
      env = List.copyOf(env);
    }

    /** Without a size of the terminal. */
    public ExecSpec(
        List<String> command,
        List<String> env,
        String user,
        String workingDir,
        boolean tty,
        boolean stdin,
        boolean privileged) {
      this(command, env, user, workingDir, tty, stdin, privileged, 0, 0);
    }

    /** Of which only the program itself is killed with its session. */
    public ExecSpec(
        List<String> command,
        List<String> env,
        String user,
        String workingDir,
        boolean tty,
        boolean stdin,
        boolean privileged,
        int rows,
        int columns) {
      this(command, env, user, workingDir, tty, stdin, privileged, rows, columns, false);
    }

    /** A health probe: nothing of it outlives its session. */
    public static ExecSpec probe(List<String> command) {
      return new ExecSpec(command, List.of(), "", "", false, false, false, 0, 0, true);
    }
  }

  /**
   * What to read of a log.
   *
   * @param tail the last n lines of those that the rest asks for; negative is all
   * @param since only records at or after; null is from the start
   * @param until only records before; null is to the end
   * @param follow go on with new records until the container ends or the reader is closed
   * @param from where to begin, if there is no tail; null is from the start
   */
  record LogQuery(
      int tail,
      @Nullable Instant since,
      @Nullable Instant until,
      boolean follow,
      @Nullable LogPlace from) {
    public static final LogQuery ALL = new LogQuery(-1, null, null, false);

    /** From the start. */
    public LogQuery(int tail, @Nullable Instant since, @Nullable Instant until, boolean follow) {
      this(tail, since, until, follow, null);
    }

    /** All from a place on, as far as this one goes. */
    public LogQuery from(LogPlace place) {
      return new LogQuery(-1, since, until, follow, place);
    }
  }

  /**
   * A place between two records of a log, good for as long as the log is: also after a rotation or
   * another engine's start. What was rotated away since is left out.
   *
   * @param inode of the file as it was written, also after it was packed; 0 is before the first
   * @param offset bytes before it
   */
  record LogPlace(long inode, long offset) {}

  /**
   * One record of a log: a line, or a piece of one that is longer than 16 KiB. {@code text} ends
   * with a newline unless the line was cut or unfinished.
   *
   * @param continues the line goes on with the next record, which the reader has at hand
   * @param details what the log's options {@code labels}, {@code env} and {@code tag} put beside it
   */
  record LogRecord(
      Instant time, String stream, String text, boolean continues, Map<String, String> details) {
    public LogRecord {
      details = Map.copyOf(details);
    }

    public LogRecord(Instant time, String stream, String text) {
      this(time, stream, text, false, Map.of());
    }

    public LogRecord continued() {
      return new LogRecord(time, stream, text, true, details);
    }
  }

  /** Records in the order they were written. */
  interface LogReader extends AutoCloseable {
    /** The next record; null at the end. Blocks while following. */
    @Nullable LogRecord next();

    /** Where the record after the last one that {@link #next} gave begins; same thread. */
    LogPlace place();

    @Override
    void close();
  }
}
