package dev.sagax.platform.rpc;

import com.google.rpc.Status;

/** What a call would fail with, for methods that answer for several items at once. */
public final class ErrorStatus {
  private ErrorStatus() {}

  /**
   * The status and the details that a call of its own would end with which fails so.
   *
   * @param call whose item failed
   * @param method its full name, for the log of a bug
   */
  public static Status of(Throwable thrown, Call call, String method) {
    return StatusMapper.failureOf(thrown, method, call.requestId()).toProto(call.requestId());
  }
}
