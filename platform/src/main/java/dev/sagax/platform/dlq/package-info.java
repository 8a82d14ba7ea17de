/** The API with which operators look at dead letters and decide about them. */
package dev.sagax.platform.dlq;
