/** OrderService: clients' calls to instructions, and orders to replies. */
package dev.sagax.order.api;
