/** The way to settle-svc's ledger. */
package dev.sagax.order.ledger;
