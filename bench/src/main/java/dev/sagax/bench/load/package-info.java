/** The load driver: how many orders a second are settled, how fast, and for how much CPU. */
package dev.sagax.bench.load;
