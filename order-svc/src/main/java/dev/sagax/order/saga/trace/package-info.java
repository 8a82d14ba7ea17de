/** The saga of one order, put together from the rows of all services and the records of the log. */
package dev.sagax.order.saga.trace;
