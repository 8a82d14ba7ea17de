package dev.sagax.bench.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import java.nio.channels.ClosedChannelException;

/** What a failed call says about itself. */
public final class Refusals {

  private Refusals() {}

  /** The reason in the ErrorInfo of a failure, e.g. OFF_TICK; empty when it has none. */
  public static String reason(Throwable failure) {
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    if (status == null) {
      return "";
    }
    for (Any detail : status.getDetailsList()) {
      if (detail.is(ErrorInfo.class)) {
        try {
          return detail.unpack(ErrorInfo.class).getReason();
        } catch (InvalidProtocolBufferException unreadable) {
          return "";
        }
      }
    }
    return "";
  }

  /** True if the same call may well succeed later; it is safe to repeat, since it has an id. */
  public static boolean isTransient(Throwable failure) {
    return isConnectionLost(failure) || mayPass(failure);
  }

  /**
   * The status that the call had for its client. A connection that broke before there was an answer
   * is UNAVAILABLE, whatever the client library calls it.
   */
  public static Status.Code code(Throwable failure) {
    return isConnectionLost(failure)
        ? Status.Code.UNAVAILABLE
        : Status.fromThrowable(failure).getCode();
  }

  private static boolean mayPass(Throwable failure) {
    return switch (Status.fromThrowable(failure).getCode()) {
      case UNAVAILABLE, DEADLINE_EXCEEDED -> true;
      case RESOURCE_EXHAUSTED -> reason(failure).equals("OVERLOADED");
      default -> false;
    };
  }

  /**
   * True if the connection broke before there was an answer. No service said this: a client library
   * may report UNKNOWN for a call that it was about to write.
   */
  private static boolean isConnectionLost(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    return status.getCode() == Status.Code.UNKNOWN
        && reason(failure).isEmpty()
        && (status.getCause() instanceof ClosedChannelException
            || "channel closed".equals(status.getDescription()));
  }

  /** One line for a person: status, reason and message. */
  public static String describe(Throwable failure) {
    Status status = Status.fromThrowable(failure);
    String reason = reason(failure);
    String message = status.getDescription() == null ? "" : ": " + status.getDescription();
    String cause =
        status.getDescription() == null && status.getCause() != null
            ? ": " + status.getCause()
            : "";
    return status.getCode() + (reason.isEmpty() ? "" : " " + reason) + message + cause;
  }
}
