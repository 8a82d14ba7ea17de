/**
 * settle-svc's part in the saga: outcomes and transfers are applied to the ledger and journaled.
 */
package dev.sagax.settle.saga;
