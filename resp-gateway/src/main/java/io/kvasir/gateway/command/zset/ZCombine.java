package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.ScoredMember;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * {@code ZUNION}, {@code ZINTER} and {@code ZDIFF numkeys key … [WEIGHTS weight …] [AGGREGATE SUM|MIN|MAX]
 * [WITHSCORES]}, the same as {@code ZUNIONSTORE}, {@code ZINTERSTORE} and {@code ZDIFFSTORE destination numkeys …}, and
 * {@code ZINTERCARD numkeys key … [LIMIT limit]} (redis t_zset.c, zunionInterDiffGenericCommand).
 *
 * @param destination empty if nothing is stored
 * @param options those given, or the error they are; it is answered only once the types of the keys are known, as in
 *     Redis
 * @param nested whether a member and its score make an array of their own, as RESP3 has them
 */
public record ZCombine(
        Form form, int database, Optional<byte[]> destination, byte[][] sources, Parsed options, boolean nested)
        implements DataCommand {

    private static final CommandError WEIGHT = new CommandError("ERR weight value is not a float");
    private static final CommandError LIMIT = new CommandError("ERR LIMIT can't be negative");

    /** What is done with the inputs. */
    private enum Operation {
        UNION,
        INTERSECTION,
        DIFFERENCE
    }

    /** The seven commands. */
    public enum Form {
        ZUNION(Operation.UNION, "6.2.0"),
        ZINTER(Operation.INTERSECTION, "6.2.0"),
        ZDIFF(Operation.DIFFERENCE, "6.2.0"),
        ZINTERCARD(Operation.INTERSECTION, "7.0.0"),
        ZUNIONSTORE(Operation.UNION, "2.0.0", KeyspaceEvent.ZUNIONSTORE),
        ZINTERSTORE(Operation.INTERSECTION, "2.0.0", KeyspaceEvent.ZINTERSTORE),
        ZDIFFSTORE(Operation.DIFFERENCE, "6.2.0", KeyspaceEvent.ZDIFFSTORE);

        private final Operation operation;
        private final Optional<KeyspaceEvent> event;
        private final CommandSpec spec;

        Form(Operation operation, String since) {
            this.operation = operation;
            event = Optional.empty();
            spec = CommandSpec.of(name(), -3, since)
                    .flags(CommandFlag.READONLY)
                    .categories(AclCategory.SORTEDSET)
                    .keys(new KeySpec.Counted(1, 2, KeySpec.Access.READ));
        }

        Form(Operation operation, String since, KeyspaceEvent event) {
            this.operation = operation;
            this.event = Optional.of(event);
            spec = CommandSpec.of(name(), -4, since)
                    .flags(CommandFlag.WRITE, CommandFlag.DENYOOM)
                    .categories(AclCategory.SORTEDSET)
                    .key(KeySpec.Access.WRITE)
                    .keys(new KeySpec.Counted(2, 3, KeySpec.Access.READ));
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(spec, this::parse);
        }

        private ZCombine parse(Arguments arguments) throws CommandError {
            Optional<byte[]> destination = event.isPresent() ? Optional.of(arguments.nextKey()) : Optional.empty();
            long count = arguments.nextLong();
            if (count < 1) {
                throw new CommandError("ERR at least 1 input key is needed for '" + spec.replyName() + "' command");
            }
            if (count > arguments.remaining()) {
                throw CommandError.SYNTAX;
            }
            byte[][] sources = arguments.nextKeys((int) count);
            Parsed options;
            try {
                options = new Parsed(Optional.of(Options.parse(this, arguments, sources.length)), CommandError.SYNTAX);
            } catch (CommandError error) {
                options = new Parsed(Optional.empty(), error);
            }
            return new ZCombine(this, arguments.database(), destination, sources, options, arguments.resp3());
        }
    }

    /**
     * What follows the keys.
     *
     * @param limit 0 for none
     */
    record Options(double[] weights, Aggregate aggregate, boolean withScores, long limit) {

        private static Options parse(Form form, Arguments arguments, int keys) throws CommandError {
            boolean counts = form == Form.ZINTERCARD;
            boolean weighs = form.operation != Operation.DIFFERENCE && !counts;
            double[] weights = new double[keys];
            Arrays.fill(weights, 1);
            Aggregate aggregate = Aggregate.SUM;
            boolean withScores = false;
            long limit = 0;
            while (arguments.hasNext()) {
                if (weighs && arguments.remaining() > keys && arguments.accept("WEIGHTS")) {
                    for (int i = 0; i < keys; i++) {
                        weights[i] = weight(arguments.next());
                    }
                } else if (weighs && arguments.remaining() > 1 && arguments.accept("AGGREGATE")) {
                    aggregate = aggregate(arguments);
                } else if (!counts && form.event.isEmpty() && arguments.accept("WITHSCORES")) {
                    withScores = true;
                } else if (counts && arguments.remaining() > 1 && arguments.accept("LIMIT")) {
                    limit = limit(arguments.next());
                } else {
                    throw CommandError.SYNTAX;
                }
            }
            return new Options(weights, aggregate, withScores, limit);
        }

        private static double weight(byte[] text) throws CommandError {
            try {
                return NumberText.parseDouble(text);
            } catch (CommandError notANumber) {
                throw WEIGHT;
            }
        }

        private static Aggregate aggregate(Arguments arguments) throws CommandError {
            for (Aggregate candidate : Aggregate.values()) {
                if (arguments.accept(candidate.name())) {
                    return candidate;
                }
            }
            throw CommandError.SYNTAX;
        }

        private static long limit(byte[] text) throws CommandError {
            if (!NumberText.isLong(text) || NumberText.toLong(text) < 0) {
                throw LIMIT;
            }
            return NumberText.toLong(text);
        }
    }

    /** The options, or the error that they are. */
    record Parsed(Optional<Options> options, CommandError error) {

        Options require() throws CommandError {
            return options.orElseThrow(() -> error);
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public List<byte[]> userKeys() {
        List<byte[]> keys = new ArrayList<>();
        destination.ifPresent(keys::add);
        keys.addAll(Arrays.asList(sources));
        return keys;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        List<ScoredInput> inputs = new ArrayList<>();
        for (int i = 0; i < sources.length; i++) {
            double weight =
                    options.options().isPresent() ? options.options().get().weights()[i] : 1;
            inputs.add(ScoredInput.open(keyspace, sources[i], weight));
        }
        Options wanted = options.require();
        List<ScoredMember> members =
                switch (form.operation) {
                    case UNION -> Combination.union(inputs, wanted.aggregate());
                    case INTERSECTION ->
                        Combination.intersection(
                                inputs, wanted.aggregate(), wanted.limit() == 0 ? Long.MAX_VALUE : wanted.limit());
                    case DIFFERENCE -> Combination.difference(inputs);
                };
        if (destination.isPresent()) {
            return ZRangeStore.store(keyspace, destination.get(), members, form.event.orElseThrow());
        }
        if (form == Form.ZINTERCARD) {
            return Reply.of(members.size());
        }
        Combination.sorted(members);
        return wanted.withScores() ? ScoredReply.pairs(members, nested) : ScoredReply.members(members);
    }
}
