package io.jcompose.api.docker.rpc;

import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameStream;
import io.netty.handler.codec.http2.Http2StreamFrame;
import java.io.IOException;

/** What a call needs of its connection. Thread-safe. */
interface FrameWriter {
  /** Writes a frame; blocks until the other side's window has taken it. */
  void write(Http2StreamFrame frame) throws IOException;

  /** A reader has taken bytes; the other side may send as many more. */
  void taken(Http2FrameStream stream, int bytes) throws IOException;

  /** Ends a call that is not over. */
  void reset(Http2FrameStream stream, Http2Error why);

  /** A call is over. */
  void forget(Http2FrameStream stream);
}
