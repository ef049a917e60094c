package io.jcompose.api.docker.rpc;

import java.util.List;

/** A call that ended with another status than OK. */
public final class RpcFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Codes of gRPC that are used here. */
  public static final int CANCELLED = 1;

  public static final int UNKNOWN = 2;
  public static final int INVALID_ARGUMENT = 3;
  public static final int NOT_FOUND = 5;
  public static final int RESOURCE_EXHAUSTED = 8;
  public static final int UNIMPLEMENTED = 12;

  private final int code;
  private final transient List<Detail> details;

  /**
   * Says more than the text.
   *
   * @param type its URL
   * @param value of that type
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  public record Detail(String type, byte[] value) {}

  public RpcFailure(int code, String message) {
    this(code, message, List.of());
  }

  public RpcFailure(int code, String message, List<Detail> details) {
    super(message);
    this.code = code;
    this.details = List.copyOf(details);
  }

  public int code() {
    return code;
  }

  /** {@code google.rpc.Status}. */
  byte[] status() {
    ProtoWriter status = new ProtoWriter().number(1, code).text(2, text());
    for (Detail detail : details) {
      status.message(3, new ProtoWriter().text(1, detail.type).bytes(2, detail.value));
    }
    return status.toBytes();
  }

  boolean hasDetails() {
    return !details.isEmpty();
  }

  String text() {
    String message = getMessage();
    return message == null ? "" : message;
  }
}
