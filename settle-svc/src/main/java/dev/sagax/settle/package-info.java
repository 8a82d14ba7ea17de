/**
 * The ledger's business: holds, settlements, transfers, the journal that remembers them, and the
 * audit that nothing was lost or made.
 */
package dev.sagax.settle;
