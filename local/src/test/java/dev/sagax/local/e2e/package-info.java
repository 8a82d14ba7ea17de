/** The whole exchange from outside: real servers, real services, a client that is not theirs. */
package dev.sagax.local.e2e;
