package io.jcompose.api.docker.rpc;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.DefaultHttp2WindowUpdateFrame;
import io.netty.handler.codec.http2.Http2ChannelDuplexHandler;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Frame;
import io.netty.handler.codec.http2.Http2FrameCodec;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2FrameStreamException;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection of HTTP/2 (RFC 9113) over a stream each way, which carries calls of gRPC. Who runs
 * it reads; calls of the other side are served on a virtual thread each, and calls to the other
 * side are opened by any thread. Ends with its streams. Thread-safe: the codec is guarded by lock.
 */
public final class RpcConnection implements FrameWriter {
  private static final Logger LOG = LoggerFactory.getLogger(RpcConnection.class);
  private static final int MOST_CALLS = 1000; // one bake has three for each of its targets
  private static final int LONGEST_HEADERS = 8 << 10;
  private static final int LARGEST_FRAME = 64 << 10;
  private static final int READ = 16 << 10;

  /** What the other side may send before a reader takes it: of a call, and of all. */
  private static final int WINDOW = 256 << 10;

  private static final int WHOLE_WINDOW = 1 << 20;

  /** What a client does not take in this time, nobody does. */
  private static final long PATIENCE_SECONDS = 60;

  private final InputStream in;
  private final OutputStream out;
  private final Service service;
  private final ReentrantLock lock = new ReentrantLock();
  private final Frames frames = new Frames();
  private final EmbeddedChannel channel;
  private final Map<Http2FrameStream, RpcStream> calls = new HashMap<>();
  private boolean ended;

  /** Serves a call of the other side; what it throws is the call's end. */
  @FunctionalInterface
  public interface Service {
    /** No calls of the other side. */
    Service NONE =
        call -> {
          throw new RpcFailure(RpcFailure.UNIMPLEMENTED, "no calls are served here");
        };

    void serve(RpcStream call) throws IOException;
  }

  private RpcConnection(
      InputStream in, OutputStream out, Service service, Http2FrameCodecBuilder builder) {
    this.in = in;
    this.out = out;
    this.service = service;
    Http2Settings settings =
        Http2Settings.defaultSettings()
            .initialWindowSize(WINDOW)
            .maxFrameSize(LARGEST_FRAME)
            .maxHeaderListSize(LONGEST_HEADERS);
    if (builder.isServer()) {
      settings.maxConcurrentStreams(MOST_CALLS);
    } else {
      settings.pushEnabled(false);
    }
    Http2FrameCodec codec =
        builder.initialSettings(settings).gracefulShutdownTimeoutMillis(0).build();
    this.channel = new EmbeddedChannel(codec, frames);
    post(new DefaultHttp2WindowUpdateFrame(WHOLE_WINDOW));
    channel.runPendingTasks();
  }

  /** The side that answers. */
  public static RpcConnection server(InputStream in, OutputStream out, Service service) {
    return new RpcConnection(in, out, service, Http2FrameCodecBuilder.forServer());
  }

  /** The side that calls. */
  public static RpcConnection client(InputStream in, OutputStream out) {
    return new RpcConnection(in, out, Service.NONE, Http2FrameCodecBuilder.forClient());
  }

  /** Reads until the other side ends the connection; then all calls have ended. */
  public void run() throws IOException {
    byte[] buffer = new byte[READ];
    try {
      flush();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        if (!take(buffer, count)) {
          return;
        }
      }
    } finally {
      end();
    }
  }

  /** False once the codec has ended the connection. */
  private boolean take(byte[] buffer, int count) throws IOException {
    lock.lock();
    try {
      channel.pipeline().fireChannelRead(Unpooled.copiedBuffer(buffer, 0, count));
      channel.pipeline().fireChannelReadComplete();
      flush();
      return channel.isOpen();
    } finally {
      lock.unlock();
    }
  }

  private void flush() throws IOException {
    lock.lock();
    try {
      channel.runPendingTasks();
      ByteArrayOutputStream all = new ByteArrayOutputStream();
      for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
        part.readBytes(all, part.readableBytes());
        part.release();
      }
      if (all.size() > 0) {
        boolean interrupted = Thread.interrupted(); // which would end the connection for all
        try {
          out.write(all.toByteArray());
          out.flush();
        } finally {
          if (interrupted) {
            Thread.currentThread().interrupt();
          }
        }
      }
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    List<RpcStream> left;
    lock.lock();
    try {
      ended = true;
      left = new ArrayList<>(calls.values());
      calls.clear();
      channel.finishAndReleaseAll();
    } catch (RuntimeException e) {
      LOG.debug("a connection ended: {}", e.toString());
      left = new ArrayList<>(calls.values());
    } finally {
      lock.unlock();
    }
    for (RpcStream call : left) {
      try {
        call.cancelled();
      } catch (RuntimeException e) {
        LOG.warn("an action at the end of a call failed", e);
      }
    }
  }

  /**
   * Begins a call.
   *
   * @param path {@code /package.Service/Method}
   * @param metadata further headers, by lower-case name
   * @throws IOException when the connection has ended
   */
  public RpcStream open(String path, Map<String, List<String>> metadata) throws IOException {
    Http2Headers headers =
        new DefaultHttp2Headers()
            .method("POST")
            .scheme("http")
            .authority("localhost")
            .path(path)
            .add("content-type", RpcStream.TYPE)
            .add("te", "trailers");
    metadata.forEach((name, values) -> values.forEach(value -> headers.add(name, value)));
    RpcStream call;
    lock.lock();
    try {
      requireOpen();
      Http2FrameStream stream = frames.newStream();
      call = new RpcStream(this, stream, path, Map.of(), false);
      calls.put(stream, call);
    } finally {
      lock.unlock();
    }
    write(new DefaultHttp2HeadersFrame(headers, false).stream(call.stream()));
    return call;
  }

  private void requireOpen() throws IOException {
    if (ended || !channel.isOpen()) {
      throw new IOException("the connection has ended");
    }
  }

  /** Writes a frame that is small and waits for no window; the lock is held. */
  private void post(Http2Frame frame) {
    ChannelFuture _ = channel.writeAndFlush(frame);
  }

  @Override
  public void write(Http2StreamFrame frame) throws IOException {
    CountDownLatch written = new CountDownLatch(1);
    ChannelFuture future;
    lock.lock();
    try {
      if (ended || !channel.isOpen()) {
        ReferenceCountUtil.release(frame);
      }
      requireOpen();
      future = channel.writeAndFlush(frame);
      future.addListener(done -> written.countDown());
      flush();
    } finally {
      lock.unlock();
    }
    try {
      if (!written.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the other side takes nothing any more");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while it was written", e);
    }
    if (!future.isSuccess()) {
      throw new IOException("the call has ended: " + future.cause(), future.cause());
    }
  }

  @Override
  public void taken(Http2FrameStream stream, int bytes) throws IOException {
    lock.lock();
    try {
      if (!ended && channel.isOpen() && bytes > 0) {
        post(new DefaultHttp2WindowUpdateFrame(bytes).stream(stream));
        flush();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void reset(Http2FrameStream stream, Http2Error why) {
    lock.lock();
    try {
      calls.remove(stream);
      if (!ended && channel.isOpen()) {
        post(new DefaultHttp2ResetFrame(why).stream(stream));
        flush();
      }
    } catch (IOException e) {
      LOG.debug("a connection ended before its call: {}", e.toString());
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void forget(Http2FrameStream stream) {
    lock.lock();
    try {
      calls.remove(stream);
    } finally {
      lock.unlock();
    }
  }

  private void begin(RpcStream call) {
    Thread.ofVirtual().name("rpc " + call.path()).start(() -> serve(call));
  }

  private void serve(RpcStream call) {
    try {
      try {
        service.serve(call);
        call.finish();
      } catch (RpcFailure e) {
        call.finish(e);
      } catch (RuntimeException e) {
        LOG.error("a call failed: {}", call.path(), e);
        call.finish(new RpcFailure(RpcFailure.UNKNOWN, "internal error, see the engine's log"));
      }
    } catch (IOException e) {
      LOG.debug("{} ended: {}", call.path(), e.toString());
    } finally {
      call.close();
    }
  }

  /** Deals frames to their calls; the lock is held. */
  private final class Frames extends Http2ChannelDuplexHandler {
    @Override
    public void channelRead(ChannelHandlerContext context, Object frame) {
      try {
        switch (frame) {
          case Http2HeadersFrame headers -> head(headers);
          case Http2DataFrame data -> data(data);
          case Http2ResetFrame reset -> reset(reset);
          default -> LOG.trace("frame {}", frame);
        }
      } finally {
        ReferenceCountUtil.release(frame);
      }
    }

    private void head(Http2HeadersFrame frame) {
      RpcStream call = calls.get(frame.stream());
      if (call != null) {
        call.head(frame.headers(), frame.isEndStream());
        return;
      }
      Map<String, List<String>> headers = new HashMap<>();
      frame
          .headers()
          .forEach(
              entry ->
                  headers
                      .computeIfAbsent(entry.getKey().toString(), name -> new ArrayList<>())
                      .add(entry.getValue().toString()));
      String path = String.valueOf(frame.headers().path());
      RpcStream begun = new RpcStream(RpcConnection.this, frame.stream(), path, headers, true);
      calls.put(frame.stream(), begun);
      if (frame.isEndStream()) {
        begun.data(new byte[0], 0, true);
      }
      begin(begun);
    }

    private void data(Http2DataFrame frame) {
      RpcStream call = calls.get(frame.stream());
      int counted = frame.initialFlowControlledBytes();
      if (call == null) {
        post(new DefaultHttp2WindowUpdateFrame(counted).stream(frame.stream()));
        return;
      }
      byte[] bytes = new byte[frame.content().readableBytes()];
      frame.content().readBytes(bytes);
      call.data(bytes, counted, frame.isEndStream());
    }

    private void reset(Http2ResetFrame frame) {
      RpcStream call = calls.remove(frame.stream());
      if (call != null) {
        Thread.ofVirtual().name("rpc-cancelled").start(call::cancelled);
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      LOG.debug("an error of the other side: {}", cause.toString());
      if (cause instanceof Http2FrameStreamException failed) {
        RpcStream call = calls.remove(failed.stream());
        post(new DefaultHttp2ResetFrame(failed.error()).stream(failed.stream()));
        if (call != null) {
          Thread.ofVirtual().name("rpc-cancelled").start(call::cancelled);
        }
      } else {
        ChannelFuture _ = context.close();
      }
    }
  }
}
