/** What makes a process of a service: configuration, wiring, start and graceful stop. */
package dev.sagax.platform.boot;
