/** What operators ask of a service's partitions: how they are, and to go on. */
package dev.sagax.platform.partition;
