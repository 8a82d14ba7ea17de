/** The whole exchange on one machine: its servers and services, started and stopped together. */
package dev.sagax.local;
