package io.kvasir.proto.control;

/**
 * Names one state of the cluster view: the placement leader's term, and the number of the state among those it has
 * shown. Leaders of regions are known to the placement leader's memory alone, so that revisions of two terms say
 * nothing of each other but that they differ.
 */
public record ViewRevision(long term, long number) {

    /** Before any view. */
    public static final ViewRevision NONE = new ViewRevision(0, 0);
}
