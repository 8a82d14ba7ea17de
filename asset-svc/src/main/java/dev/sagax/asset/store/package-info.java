/** Transfers in PostgreSQL. */
package dev.sagax.asset.store;
