package io.jcompose.api.docker.session;

import io.jcompose.api.answer.ProgressLines;
import io.jcompose.api.docker.rpc.ProtoMessage;
import io.jcompose.api.docker.rpc.ProtoWriter;
import io.jcompose.api.docker.rpc.RpcFailure;
import io.jcompose.api.docker.rpc.RpcStream;
import io.jcompose.core.JcomposeException;
import java.io.IOException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One build that a client has asked for, from {@code Control/Solve} to its answer. Between them the
 * client says by {@code LLBBridge/Solve} what is built, and by {@code LLBBridge/Return} that it is
 * content. Thread-safe.
 */
final class BuildRun {
  private static final Logger LOG = LoggerFactory.getLogger(BuildRun.class);
  private static final ProtoMessage NOTHING = ProtoMessage.parse(new byte[0]);

  /** A client that wants to be told asks for it at once. */
  private static final long STATUS_SECONDS = 5;

  private final String reference;
  private final SessionBuild build;
  private final StatusMessages messages;
  private final ProgressLines progress;
  private final CountDownLatch begun = new CountDownLatch(1);
  private final CountDownLatch told = new CountDownLatch(1);
  private final CountDownLatch returned = new CountDownLatch(1);
  private volatile @Nullable RpcStream listener;
  private volatile @Nullable ProtoMessage request;
  private volatile @Nullable RpcFailure failure;
  private volatile String imageId = "";
  private volatile boolean givenUp;
  private volatile boolean ended;
  private @Nullable CountDownLatch overListening; // guarded by this
  private boolean isDeaf; // the progress's thread's

  BuildRun(String reference, SessionBuild build) {
    this.reference = reference;
    this.build = build;
    this.messages = new StatusMessages(reference, Clock.systemUTC());
    this.progress = new ProgressLines(this::report);
  }

  boolean isEnded() {
    return ended;
  }

  /** False when it is not asked for by {@code Control/Solve} in time. Blocks. */
  boolean awaitRequest() {
    try {
      return begun.await(STATUS_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  boolean isUnasked() {
    return request == null;
  }

  /** On the progress's own thread: waits for who listens. */
  private void report(Map<String, Object> members) {
    ProtoWriter message = messages.of(members);
    if (message == null) {
      return;
    }
    try {
      if (isDeaf && told.getCount() > 0) {
        return;
      }
      isDeaf = !told.await(STATUS_SECONDS, TimeUnit.SECONDS);
      RpcStream to = listener;
      if (to != null) {
        to.send(message);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      isDeaf = true;
    } catch (IOException e) {
      LOG.debug("nobody takes the status of {}: {}", reference, e.toString());
      listener = null; // the build goes on for who asked for it
    }
  }

  /** Sends how it goes until it has ended. */
  void tell(RpcStream call) throws IOException {
    CountDownLatch over = new CountDownLatch(1);
    synchronized (this) {
      if (listener != null || ended) {
        return;
      }
      listener = call;
      overListening = over;
    }
    told.countDown();
    call.onCancel(over::countDown);
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Is asked for, once. */
  void claim(ProtoMessage given) {
    synchronized (this) {
      if (request != null) {
        throw new RpcFailure(RpcFailure.INVALID_ARGUMENT, "job " + reference + " exists");
      }
      request = given;
    }
    begun.countDown();
  }

  /**
   * Waits for what is built; builds it itself where the request says all.
   *
   * @return what the client is told of the result
   */
  Map<String, String> solve(ProtoMessage given) {
    try {
      if (!given.text(6).isEmpty()) { // all is said at once
        imageId = build.build(given, SessionBuild.Asked.of(given), progress).imageId();
        return response(given);
      }
      returned.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new RpcFailure(RpcFailure.CANCELLED, "the build was given up");
    }
    RpcFailure wrong = failure;
    if (wrong != null) {
      throw wrong;
    }
    if (givenUp) {
      throw new RpcFailure(RpcFailure.CANCELLED, "the build was given up");
    }
    return response(given);
  }

  private Map<String, String> response(ProtoMessage asked) {
    if (imageId.isEmpty()) {
      return Map.of();
    }
    try {
      Map<String, String> response = new LinkedHashMap<>();
      response.put("containerimage.config.digest", imageId);
      response.put("containerimage.digest", imageId);
      response.putAll(build.exported(asked, imageId, progress));
      return response;
    } catch (JcomposeException e) {
      throw BuildFailure.of(e, new byte[0]);
    }
  }

  /** {@code LLBBridge/Solve}. */
  void bridge(RpcStream call) throws IOException {
    ProtoMessage asked = request;
    if (asked == null) {
      throw new RpcFailure(RpcFailure.NOT_FOUND, "no such job " + reference);
    }
    ProtoMessage question = call.request();
    call.onCancel(progress::gone);
    SessionBuild.Asked what =
        new SessionBuild.Asked(
            question.text(2), question.map(3), question.messageMap(13), question.messages(12));
    try {
      SessionBuild.Result result =
          what.frontend().isEmpty()
              ? new SessionBuild.Result(ResultReference.id(question.message(1)), Map.of())
              : build.build(asked, what, progress);
      imageId = result.imageId();
      ProtoWriter answer = new ProtoWriter();
      if (!imageId.isEmpty()) {
        answer.message(3, ResultReference.of(imageId));
      }
      result
          .metadata()
          .forEach(
              (name, value) -> answer.message(10, new ProtoWriter().text(1, name).bytes(2, value)));
      call.send(new ProtoWriter().message(3, answer));
    } catch (RpcFailure e) {
      failure = e;
      throw e;
    }
  }

  /** {@code LLBBridge/Return}. */
  void returned(ProtoMessage result) {
    if (result.has(2) && failure == null) {
      ProtoMessage status = result.message(2);
      failure = new RpcFailure((int) status.number(1), status.text(2));
    }
    returned.countDown();
  }

  /** The client has left. */
  void giveUp() {
    givenUp = true;
    progress.gone();
    returned.countDown();
  }

  /** All is told to who listens, and nothing more. */
  void end() {
    if (told.getCount() == 0 || !isUnasked()) {
      progress.flush();
    }
    progress.gone();
    CountDownLatch over;
    synchronized (this) {
      ended = true;
      over = overListening;
      listener = null;
      if (request != null) {
        request = NOTHING; // it may be large
      }
    }
    if (over != null) {
      over.countDown();
    }
  }
}
