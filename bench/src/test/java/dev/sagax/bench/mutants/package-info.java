/**
 * Proves the tests: puts known bugs in, one at a time, and expects the test that each names to
 * fail.
 */
package dev.sagax.bench.mutants;
