/** Clients to copy from: they know the contract and nothing else of Sagax. */
package dev.sagax.examples;
