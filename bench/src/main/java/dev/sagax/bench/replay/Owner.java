package dev.sagax.bench.replay;

/** Whose orders they are: what rests belongs to one account, what takes to another. */
enum Owner {
  MAKER("replay-maker"),
  TAKER("replay-taker");

  final String account;

  Owner(String account) {
    this.account = account;
  }
}
