/** SIGKILL of everything at once, in the middle of trading. */
package dev.sagax.bench.kill;
