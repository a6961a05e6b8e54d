package io.kvasir.gateway.type;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Union, intersection and difference of sets. The members of the result come one by one, each once, in the order in
 * which the sets have them. Confined to the thread that runs the command.
 */
public enum SetOperation {
    UNION {
        @Override
        public void run(List<SetValue> sets, SetValue.Visitor visitor) {
            if (sets.size() == 1) {
                sets.getFirst().forEach(visitor);
                return;
            }
            Set<ByteBuffer> seen = new HashSet<>();
            boolean[] more = {true};
            for (SetValue set : sets) {
                set.forEach(member -> {
                    if (seen.add(ByteBuffer.wrap(member))) {
                        more[0] = visitor.visit(member);
                    }
                    return more[0];
                });
                if (!more[0]) {
                    return;
                }
            }
        }

        @Override
        SetEncoding encoding(List<SetValue> sets, List<byte[]> result, Thresholds thresholds) {
            return grown(SetEncoding.INTSET, result, thresholds);
        }
    },

    INTERSECTION {
        @Override
        public void run(List<SetValue> sets, SetValue.Visitor visitor) {
            List<SetValue> bySize = bySize(sets);
            SetValue smallest = bySize.getFirst();
            if (smallest.size() == 0) {
                return;
            }
            List<Predicate<byte[]>> others = probes(bySize.subList(1, bySize.size()), smallest.size());
            smallest.forEach(member -> !others.stream().allMatch(other -> other.test(member)) || visitor.visit(member));
        }

        @Override
        SetEncoding encoding(List<SetValue> sets, List<byte[]> result, Thresholds thresholds) {
            boolean integers = bySize(sets).getFirst().encoding() == SetEncoding.INTSET;
            return grown(integers ? SetEncoding.INTSET : SetEncoding.LISTPACK, result, thresholds)
                    .ofIntersection(result.stream().allMatch(NumberText::isLong), result.size(), thresholds);
        }
    },

    /** The members of the first set that are in none of the others. */
    DIFFERENCE {
        @Override
        public void run(List<SetValue> sets, SetValue.Visitor visitor) {
            SetValue first = sets.getFirst();
            if (first.size() == 0) {
                return;
            }
            List<Predicate<byte[]>> others = probes(sets.subList(1, sets.size()), first.size());
            first.forEach(member -> others.stream().anyMatch(other -> other.test(member)) || visitor.visit(member));
        }

        @Override
        SetEncoding encoding(List<SetValue> sets, List<byte[]> result, Thresholds thresholds) {
            // Where the others are small, Redis takes all of the first set and then removes what they have.
            long probed = 0;
            long removed = 0;
            for (SetValue set : sets) {
                if (set.size() > 0) {
                    probed += sets.getFirst().size();
                    removed += set.size();
                }
            }
            boolean removes = probed / 2 > removed;
            return grown(SetEncoding.INTSET, removes ? sets.getFirst().members() : result, thresholds);
        }
    };

    /** Members up to which a set is read into memory in order to be asked often. */
    private static final long LOADED_MAX = 100_000;

    /** Records that a scan reads in about the time of one point read. */
    private static final long SCANNED_PER_READ = 8;

    /**
     * Visits the members of the result until the visitor has enough.
     *
     * @param sets at least one; absent keys count as empty
     */
    public abstract void run(List<SetValue> sets, SetValue.Visitor visitor);

    /** Returns the encoding in which Redis would store {@code result}, the members that {@link #run} visits. */
    abstract SetEncoding encoding(List<SetValue> sets, List<byte[]> result, Thresholds thresholds);

    /**
     * Replaces {@code target}, whatever it held, by the result, without expiry; removes it if the result is empty.
     *
     * @param sets at least one; the target may be among them
     * @return the number of members
     * @throws CommandError "ERR value too large…" if they do not fit one command; nothing is written then
     */
    public long store(List<SetValue> sets, Entry target) throws CommandError {
        List<byte[]> result = new ArrayList<>();
        CommandError[] refused = new CommandError[1];
        run(sets, member -> {
            try {
                SetValue.claimReplace(target, member);
            } catch (CommandError tooLarge) {
                refused[0] = tooLarge;
                return false;
            }
            return result.add(member);
        });
        if (refused[0] != null) {
            throw refused[0];
        }
        if (result.isEmpty()) {
            target.remove();
        } else {
            SetEncoding encoding = encoding(sets, result, target.keyspace().thresholds());
            SetValue.replace(target, result, encoding);
        }
        return result.size();
    }

    private static SetEncoding grown(SetEncoding start, List<byte[]> members, Thresholds thresholds) {
        SetEncoding encoding = start;
        long count = 0;
        for (byte[] member : members) {
            encoding = encoding.added(member, count++, thresholds);
        }
        return encoding;
    }

    private static List<SetValue> bySize(List<SetValue> sets) {
        return sets.stream().sorted(Comparator.comparingLong(SetValue::size)).toList();
    }

    private static List<Predicate<byte[]>> probes(List<SetValue> sets, long times) {
        return sets.stream().map(set -> probe(set, times)).toList();
    }

    /** Returns whether a member is in {@code set}, for {@code times} questions. */
    private static Predicate<byte[]> probe(SetValue set, long times) {
        if (set.size() > LOADED_MAX || !set.isInline() && set.size() / SCANNED_PER_READ > times) {
            return set::contains;
        }
        Set<ByteBuffer> members = new HashSet<>();
        set.forEach(member -> {
            members.add(ByteBuffer.wrap(member));
            return true;
        });
        return member -> members.contains(ByteBuffer.wrap(member));
    }
}
