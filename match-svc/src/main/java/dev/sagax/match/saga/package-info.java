/** The match step: instructions from order-svc in, outcomes for settle-svc out. */
package dev.sagax.match.saga;
