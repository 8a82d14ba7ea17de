/** How a service writes its log in JSON: what a person reads in a line, a program finds by name. */
package dev.sagax.platform.logging;
