/** How the commands reach an exchange: where it listens, who they are there, what it refuses. */
package dev.sagax.bench.client;
