/** Makes what an image needs below our jars, where no base image can be fetched. */
package dev.sagax.runtime;
