/** The tables of a service's schema, in numbered versions that Flyway applies. */
package dev.sagax.platform.schema;
