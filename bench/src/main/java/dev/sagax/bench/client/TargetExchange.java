package dev.sagax.bench.client;

/** An exchange that somebody else runs. */
public record TargetExchange(Targets targets, Transport transport, TokenSource tokens)
    implements RunningExchange {

  @Override
  public void close() {}
}
