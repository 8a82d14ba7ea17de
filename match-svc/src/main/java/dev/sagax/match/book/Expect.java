package dev.sagax.match.book;

/** Preconditions of this package; whoever breaks one is a bug. */
final class Expect {

  private Expect() {}

  static void positive(String what, long value) {
    if (value <= 0) {
      throw new IllegalArgumentException(
          "Expected " + what + " to be above zero, but it is " + value + ".");
    }
  }
}
