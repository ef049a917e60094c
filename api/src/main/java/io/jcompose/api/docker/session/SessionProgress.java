package io.jcompose.api.docker.session;

import io.jcompose.core.Progress;
import io.jcompose.core.RegistryLogins;
import org.jspecify.annotations.Nullable;

/**
 * Progress of a build for a client whose session has what the build asks for. A step that failed is
 * told with the reason, which is known when the build has ended. Thread-safe.
 */
final class SessionProgress implements Progress {
  private final Progress reports;
  private final ClientSession session;
  private volatile @Nullable String failedRow;

  SessionProgress(Progress reports, ClientSession session) {
    this.reports = reports;
    this.session = session;
  }

  @Override
  public void report(Step step) {
    if (step.status().equals("Error") && step.text().isEmpty() && step.id().startsWith("[")) {
      failedRow = step.id();
    } else {
      reports.report(step);
    }
  }

  /** The build has ended by an error. */
  void failed(String why) {
    String row = failedRow;
    if (row != null) {
      reports.report(Step.of(row, "Error", why));
    }
  }

  @Override
  public void onGone(Runnable action) {
    reports.onGone(action);
  }

  @Override
  public RegistryLogins logins() {
    return session.logins();
  }

  @Override
  public Loans loans() {
    return session;
  }
}
