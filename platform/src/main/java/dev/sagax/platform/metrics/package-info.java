/** What a service measures about itself, for Prometheus. */
package dev.sagax.platform.metrics;
