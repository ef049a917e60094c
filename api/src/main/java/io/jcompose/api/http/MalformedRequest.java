package io.jcompose.api.http;

import java.io.IOException;

/** A request that is not HTTP as this server speaks it; answered once, then the connection ends. */
public final class MalformedRequest extends IOException {
  private static final long serialVersionUID = 1L;

  private final int status;

  MalformedRequest(int status, String message) {
    super(message);
    this.status = status;
  }

  /** The HTTP status of the answer. */
  public int status() {
    return status;
  }
}
