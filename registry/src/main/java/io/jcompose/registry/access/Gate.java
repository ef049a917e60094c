package io.jcompose.registry.access;

import io.jcompose.registry.http.Exchange;

/** Decides who may do what. Thread-safe. */
@FunctionalInterface
public interface Gate {
  /** Lets everybody do everything. */
  Gate OPEN = (exchange, right) -> {};

  /**
   * Lets a request through.
   *
   * @throws io.jcompose.registry.answer.Refusal UNAUTHORIZED when a login is wanted, DENIED when it
   *     does not do, TOOMANYREQUESTS when too many are being checked
   */
  void require(Exchange exchange, Right right);
}
