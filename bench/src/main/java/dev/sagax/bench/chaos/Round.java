package dev.sagax.bench.chaos;

import java.util.List;

/**
 * What became of one fault.
 *
 * @param work how much was under way when it hit; 0 if it did not hit
 * @param findings what was wrong afterwards; empty if nothing was
 * @param mended what an operator had to do
 * @param millis from its beginning until the exchange was quiet and checked
 * @param quietMillis of these, from the end of its healing until all was quiet; 0 if it never was
 * @param stages where that time went, for people
 */
record Round(
    Fault fault,
    int work,
    List<Finding> findings,
    List<String> mended,
    long millis,
    long quietMillis,
    String stages) {

  boolean hit() {
    return work > 0;
  }

  boolean passed() {
    return findings.isEmpty();
  }
}
