package dev.sagax.platform.rpc;

/**
 * The circumstances of one call.
 *
 * @param caller who calls; has the method's scope
 * @param timeoutMillis how long the client still waits for an answer when the method is called, 0
 *     when it did not say
 * @param requestId what its caller and we call it
 */
public record Call(Caller caller, long timeoutMillis, String requestId) {

  /** The caller's account. */
  public String account() {
    return caller.account();
  }
}
