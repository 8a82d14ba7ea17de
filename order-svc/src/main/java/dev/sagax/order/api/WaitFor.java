package dev.sagax.order.api;

import dev.sagax.platform.refusal.Reason;
import dev.sagax.platform.refusal.Refusal;
import dev.sagax.proto.order.v1.Wait;

/** What a call that records an instruction waits for before it answers. */
enum WaitFor {
  APPEND,
  DECISION,
  SETTLEMENT;

  static WaitFor of(Wait wait, int value) {
    return switch (wait) {
      case WAIT_UNSPECIFIED, WAIT_DECISION -> DECISION;
      case WAIT_ACK -> APPEND;
      case WAIT_SETTLED -> SETTLEMENT;
      case UNRECOGNIZED ->
          throw Refusal.ofField(
                  Reason.INVALID_ENUM, "wait", "There is no wait with the number " + value + ".")
              .asException();
    };
  }
}
