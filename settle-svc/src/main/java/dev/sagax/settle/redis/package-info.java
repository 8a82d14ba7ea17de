/** The ledger in Redis: its scripts, its keys, and what must be true before anything is written. */
package dev.sagax.settle.redis;
