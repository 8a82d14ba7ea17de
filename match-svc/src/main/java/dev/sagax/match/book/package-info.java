/**
 * The order book of one market: a plain deterministic machine that sees the JDK only, so that it
 * can be read, tested and measured without anything around it.
 */
package dev.sagax.match.book;
