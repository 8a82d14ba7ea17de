package dev.sagax.platform.rpc;

/**
 * The circumstances of one call.
 *
 * @param caller who calls; has the method's scope
 * @param timeoutMillis how long the client waits for an answer from the arrival on, 0 when it did
 *     not say
 */
public record Call(Caller caller, long timeoutMillis) {

  /** The caller's account. */
  public String account() {
    return caller.account();
  }
}
