package dev.sagax.settle;

import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Failures of an audit that are findings; every other one only ends it. */
final class Damage {
  private static final String NO_AMOUNT =
      "The ledger or its journal has amounts that are no numbers of units, or larger than any may be.";

  private Damage() {}

  /** The failure as the only finding; fails with it if it is none. */
  static Future<List<String>> findings(Throwable failure) {
    return in(failure)
        .map(finding -> Future.succeededFuture(List.of(finding)))
        .orElseGet(() -> Future.failedFuture(failure));
  }

  /** What is wrong, in a whole sentence. */
  static Optional<String> in(Throwable failure) {
    return switch (failure) {
      case ArithmeticException e -> Optional.of(NO_AMOUNT);
      case NumberFormatException e -> Optional.of(NO_AMOUNT);
      case LedgerUnreadableException e -> Optional.of(e.getMessage());
      default -> Optional.empty();
    };
  }
}
