/**
 * The whole exchange on one machine: for people who try it, and as the harness of the end-to-end
 * tests.
 */
package dev.sagax.local;
