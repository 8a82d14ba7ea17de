/** order-svc's part in the saga: its topics, its step, and the records as business and back. */
package dev.sagax.order.saga;
