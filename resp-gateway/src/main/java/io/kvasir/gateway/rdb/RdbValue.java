package io.kvasir.gateway.rdb;

import java.util.List;

/** A value in memory. Arrays and lists are not copied and must not be changed. */
public sealed interface RdbValue
        permits RdbValue.Text, RdbValue.Sequence, RdbValue.Members, RdbValue.Fields, RdbValue.Scores, RdbStream {

    /** A string. */
    record Text(byte[] bytes) implements RdbValue {}

    /** The elements of a list from its start on. */
    record Sequence(List<byte[]> elements) implements RdbValue {}

    /** The members of a set, different ones. */
    record Members(List<byte[]> members) implements RdbValue {}

    /** Fields, different ones, and the value of each at the same index. */
    record Fields(List<byte[]> fields, List<byte[]> values) implements RdbValue {}

    /** The members of a sorted set, different ones, and the score of each at the same index, in ascending order. */
    record Scores(List<byte[]> members, List<Double> scores) implements RdbValue {}
}
