package io.jcompose.registry.protocol;

import io.jcompose.core.Digest;
import io.jcompose.core.JcomposeException;
import io.jcompose.images.repository.RepositoryName;
import io.jcompose.registry.answer.ErrorCode;
import io.jcompose.registry.answer.Refusal;
import io.jcompose.registry.http.Exchange;

/** What several endpoints refuse. Stateless. */
final class Refusals {
  private Refusals() {}

  static boolean isRead(Exchange exchange) {
    return exchange.method().equals("GET") || exchange.method().equals("HEAD");
  }

  static void requireRead(Exchange exchange) {
    if (!isRead(exchange)) {
      throw unsupported(exchange);
    }
  }

  static Refusal unsupported(Exchange exchange) {
    return new Refusal(ErrorCode.UNSUPPORTED, exchange.method() + " is not for this");
  }

  static RepositoryName name(String text) {
    try {
      return new RepositoryName(text);
    } catch (JcomposeException.InvalidArgument e) {
      throw new Refusal(ErrorCode.NAME_INVALID, String.valueOf(e.getMessage()));
    }
  }

  static Digest digest(String text) {
    try {
      return Digest.parse(text);
    } catch (JcomposeException.InvalidArgument e) {
      throw new Refusal(ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage()));
    }
  }

  static Refusal unknown(RepositoryName name) {
    return new Refusal(ErrorCode.NAME_UNKNOWN, "there is no repository " + name);
  }
}
