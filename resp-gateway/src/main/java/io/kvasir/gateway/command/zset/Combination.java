package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.type.ScoredMember;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Union, intersection and difference of sorted sets. Stateless. */
final class Combination {

    private static final Comparator<ScoredMember> ORDER = (one, other) -> {
        int scores = Double.compare(one.score() + 0.0, other.score() + 0.0);
        return scores != 0 ? scores : Arrays.compareUnsigned(one.member(), other.member());
    };

    private Combination() {}

    /** Returns {@code members} in the order of a sorted set. */
    static List<ScoredMember> sorted(List<ScoredMember> members) {
        members.sort(ORDER);
        return members;
    }

    /** Returns {@code inputs} with the smallest first: the order in which scores are added up. */
    private static List<ScoredInput> bySize(List<ScoredInput> inputs) {
        List<ScoredInput> sorted = new ArrayList<>(inputs);
        sorted.sort(Comparator.comparingLong(ScoredInput::size));
        return sorted;
    }

    /** Returns every member of any input, in no order. */
    static List<ScoredMember> union(List<ScoredInput> inputs, Aggregate aggregate) {
        Map<ByteBuffer, Double> scores = new LinkedHashMap<>();
        for (ScoredInput input : bySize(inputs)) {
            input.forEach((member, score) -> {
                double weighed = Aggregate.weigh(input.weight(), score);
                scores.merge(ByteBuffer.wrap(member), weighed, aggregate::of);
                return true;
            });
        }
        List<ScoredMember> members = new ArrayList<>(scores.size());
        scores.forEach((member, score) -> members.add(new ScoredMember(member.array(), score)));
        return members;
    }

    /** Returns up to {@code limit} members that all inputs have, in no order. */
    static List<ScoredMember> intersection(List<ScoredInput> inputs, Aggregate aggregate, long limit) {
        List<ScoredInput> sorted = bySize(inputs);
        List<ScoredMember> members = new ArrayList<>();
        sorted.getFirst().forEach((member, score) -> {
            double sum = Aggregate.weigh(sorted.getFirst().weight(), score);
            for (ScoredInput other : sorted.subList(1, sorted.size())) {
                double found = other.score(member);
                if (Double.isNaN(found)) {
                    return true;
                }
                sum = aggregate.of(sum, found * other.weight());
            }
            members.add(new ScoredMember(member, sum));
            return members.size() < limit;
        });
        return members;
    }

    /** Returns the members of the first input that no other has, in order. */
    static List<ScoredMember> difference(List<ScoredInput> inputs) {
        List<ScoredMember> members = new ArrayList<>();
        List<ScoredInput> others = inputs.subList(1, inputs.size());
        ScoredInput first = inputs.getFirst();
        if (others.stream().anyMatch(other -> Arrays.equals(other.key(), first.key()))) {
            return members;
        }
        first.forEach((member, score) -> {
            if (others.stream().allMatch(other -> Double.isNaN(other.score(member)))) {
                members.add(new ScoredMember(member, score));
            }
            return true;
        });
        return members;
    }
}
