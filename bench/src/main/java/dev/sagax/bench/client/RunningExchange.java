package dev.sagax.bench.client;

/** An exchange that answers. */
public interface RunningExchange extends AutoCloseable {

  Targets targets();

  TokenSource tokens();

  /** Gives it up; an exchange that was started for the command stops. */
  @Override
  void close();
}
