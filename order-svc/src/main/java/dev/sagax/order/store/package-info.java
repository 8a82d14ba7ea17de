/** Orders in PostgreSQL: rows in, rows out, one statement a batch. */
package dev.sagax.order.store;
