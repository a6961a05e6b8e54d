/** Replies as values of one sealed type, and their bytes between processes. */
@NullMarked
package io.kvasir.proto.reply;

import org.jspecify.annotations.NullMarked;
