package dev.sagax.bench.mutants;

/** A mutant that cannot be made: it is badly written, or the source has moved on. */
final class MutantException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  MutantException(String sentence) {
    super(sentence);
  }
}
