/** Asks settle-svc, the owner of all balances. */
package dev.sagax.asset.ledger;
