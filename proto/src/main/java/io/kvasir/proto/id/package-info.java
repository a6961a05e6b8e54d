/** The identities that processes agree on: stores, replicas, regions and their epochs. */
@NullMarked
package io.kvasir.proto.id;

import org.jspecify.annotations.NullMarked;
