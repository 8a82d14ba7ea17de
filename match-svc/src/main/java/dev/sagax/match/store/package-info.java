/** The books and trades as rows of PostgreSQL, in the schema {@code matching}. */
package dev.sagax.match.store;
