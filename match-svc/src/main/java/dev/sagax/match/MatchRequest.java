package dev.sagax.match;

/** What order-svc says to a market. */
public sealed interface MatchRequest permits Instruction, StateSet {
  String market();
}
