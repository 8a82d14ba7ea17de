/**
 * The business of matching: the books of the markets of one partition, and what an instruction does
 * to them.
 */
package dev.sagax.match;
