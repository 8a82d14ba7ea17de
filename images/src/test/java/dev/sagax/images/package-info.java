/** The images of the services as they are built without a network, taken apart and started. */
package dev.sagax.images;
