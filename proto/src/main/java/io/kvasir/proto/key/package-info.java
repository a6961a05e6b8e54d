/** The bytes of a key: slot, database instance, hash, user key, kind and sub-key, and nothing else. */
@NullMarked
package io.kvasir.proto.key;

import org.jspecify.annotations.NullMarked;
