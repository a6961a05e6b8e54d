/**
 * A range: procedures over its records, evaluated at the leader by one owner thread, batched into raft entries and
 * applied blindly by every replica.
 */
@NullMarked
package io.kvasir.region.range;

import org.jspecify.annotations.NullMarked;
