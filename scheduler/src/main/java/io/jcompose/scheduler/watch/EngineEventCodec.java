package io.jcompose.scheduler.watch;

import io.jcompose.core.EngineEvent;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Hands events through the event bus as they are: they never leave the process. */
final class EngineEventCodec implements MessageCodec<EngineEvent, EngineEvent> {
  static final String NAME = "jcompose-engine-event";

  @Override
  public void encodeToWire(Buffer buffer, EngineEvent event) {
    throw new UnsupportedOperationException("events stay in the process");
  }

  @Override
  public EngineEvent decodeFromWire(int position, Buffer buffer) {
    throw new UnsupportedOperationException("events stay in the process");
  }

  @Override
  public EngineEvent transform(EngineEvent event) {
    return event;
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public byte systemCodecID() {
    return -1;
  }
}
