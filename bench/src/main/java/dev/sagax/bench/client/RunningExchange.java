package dev.sagax.bench.client;

/** An exchange that answers. */
public interface RunningExchange extends AutoCloseable {

  Targets targets();

  /** How it is spoken with; without TLS, unless it says so. */
  default Transport transport() {
    return Transport.PLAIN;
  }

  TokenSource tokens();

  /** Gives it up; an exchange that was started for the command stops. */
  @Override
  void close();
}
