/**
 * Redis' format for values at rest, RDB: what DUMP answers, RESTORE takes and dump files hold ("Redis RDB file format"
 * and redis rdb.c). Pure over bytes; whatever the bytes are, reading ends with a value or with
 * {@link io.kvasir.gateway.rdb.CorruptRdbException}, and never allocates by a length it has not checked.
 */
@NullMarked
package io.kvasir.gateway.rdb;

import org.jspecify.annotations.NullMarked;
