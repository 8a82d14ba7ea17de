package dev.sagax.order;

import java.util.function.Predicate;

/** Finds an enum constant by the code it is stored under. */
final class Codes {
  private Codes() {}

  static <E> E find(E[] all, Predicate<E> wanted, String what, int code) {
    for (E each : all) {
      if (wanted.test(each)) {
        return each;
      }
    }
    throw new IllegalArgumentException("There is no " + what + " with the code " + code + ".");
  }
}
