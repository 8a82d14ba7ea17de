/** Deposits, withdrawals and balances: what they are, and which requests for them make sense. */
package dev.sagax.asset;
