/** The journal in PostgreSQL: batched statements and nothing else. */
package dev.sagax.settle.store;
