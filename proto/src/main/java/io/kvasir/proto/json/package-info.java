/** JSON as the admin API speaks it. */
@NullMarked
package io.kvasir.proto.json;

import org.jspecify.annotations.NullMarked;
