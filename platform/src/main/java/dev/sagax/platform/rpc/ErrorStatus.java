package dev.sagax.platform.rpc;

import com.google.rpc.Status;

/** What a call would fail with, for methods that answer for several items at once. */
public final class ErrorStatus {
  private ErrorStatus() {}

  /**
   * The status and the details that a call ends with which fails so.
   *
   * @param method its full name, for the log of a bug
   */
  public static Status of(Throwable thrown, String method) {
    return StatusMapper.failureOf(thrown, method, "").toProto("");
  }
}
