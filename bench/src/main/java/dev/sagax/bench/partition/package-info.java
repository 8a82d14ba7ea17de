/** {@code ./sagax partition}: how the services' partitions are, and a stopped one goes on. */
package dev.sagax.bench.partition;
