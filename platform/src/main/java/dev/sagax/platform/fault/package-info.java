/**
 * Faults on purpose: named points at the boundaries of every step where a process can be told to
 * die, to stand still or to fail, so that it can be shown what then becomes of the work in hand.
 */
package dev.sagax.platform.fault;
