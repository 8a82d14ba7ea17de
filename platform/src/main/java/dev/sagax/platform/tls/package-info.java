/**
 * Certificates: which files they are in, whether they are right, and their change while it runs.
 */
package dev.sagax.platform.tls;
