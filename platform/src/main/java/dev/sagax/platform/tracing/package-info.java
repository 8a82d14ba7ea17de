/** One trace of an order through all services: its spans, and how the next hop learns of them. */
package dev.sagax.platform.tracing;
