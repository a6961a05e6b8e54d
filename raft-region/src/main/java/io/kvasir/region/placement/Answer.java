package io.kvasir.region.placement;

import io.kvasir.proto.placement.RefusalCode;

/** What a request to the placement driver came to. */
public sealed interface Answer<T> {

    /** It was granted. */
    record Granted<T>(T value) implements Answer<T> {}

    /** It was understood and refused; nothing was changed. */
    record Refused<T>(RefusalCode code, String text) implements Answer<T> {}

    /** No placement leader answered in time. The request may have taken effect, and may be made again. */
    record Unavailable<T>() implements Answer<T> {}
}
