package io.kvasir.gateway.tracking;

import java.util.Set;

/** Who is to hear of a change of one key. */
sealed interface Interest permits Tracker, TrackedRead, Interest.Several {

    /** More than one; changed by the table alone, under its lock of the key. */
    record Several(Set<Interest> all) implements Interest {}
}
