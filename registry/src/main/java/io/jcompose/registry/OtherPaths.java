package io.jcompose.registry;

import io.jcompose.registry.access.LoginGate;
import io.jcompose.registry.answer.Answers;
import io.jcompose.registry.http.Exchange;
import io.jcompose.registry.http.Handler;
import io.jcompose.registry.page.WebPages;
import io.jcompose.registry.tls.OwnAuthority;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * What is not below {@code /v2/}: pages for people, tokens, and the authority's certificate.
 * Thread-safe.
 */
final class OtherPaths implements Handler {
  private final LoginGate gate;
  private final OwnAuthority authority;
  private final WebPages pages;

  OtherPaths(LoginGate gate, OwnAuthority authority, WebPages pages) {
    this.gate = gate;
    this.pages = pages;
    this.authority = authority;
  }

  @Override
  public void handle(Exchange exchange) throws IOException {
    Optional<byte[]> certificate =
        exchange.path().equals("/ca.crt") ? authority.certificate() : Optional.empty();
    if (certificate.isPresent()) {
      exchange.respond(
          200, Answers.headers("Content-Type", "application/x-pem-file"), certificate.get());
    } else if (gate.isTokens(exchange)) {
      Answers.json(exchange, 200, Map.of("Cache-Control", "no-store"), gate.issue(exchange));
    } else if (!pages.answer(exchange)) {
      Answers.empty(exchange, 404);
    }
  }
}
