/** Resumable streams: cursors, and what feeds a stream from the log without gap or duplicate. */
package dev.sagax.platform.stream;
