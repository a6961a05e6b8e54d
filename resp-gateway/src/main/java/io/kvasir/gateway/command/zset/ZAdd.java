package io.kvasir.gateway.command.zset;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.KeyspaceEvent;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;
import org.jspecify.annotations.Nullable;

/**
 * {@code ZADD key [NX|XX] [GT|LT] [CH] [INCR] score member …}: the number of new members, with CH of changed ones too,
 * with INCR the new score; {@code ZINCRBY key increment member} is ZADD with INCR. Other commands that set scores make
 * one of these.
 */
public record ZAdd(CommandSpec spec, int database, byte[] key, Options options, byte[][] members, double[] scores)
        implements DataCommand.OfKey {

    public static final CommandSpec ZADD = CommandSpec.of("ZADD", -4, "1.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.SORTEDSET)
            .key(KeySpec.Access.READ_WRITE);

    public static final CommandSpec ZINCRBY = CommandSpec.of("ZINCRBY", 4, "1.2.0")
            .flags(CommandFlag.WRITE, CommandFlag.DENYOOM, CommandFlag.FAST)
            .categories(AclCategory.SORTEDSET)
            .key(KeySpec.Access.READ_WRITE);

    private static final CommandError XX_AND_NX =
            new CommandError("ERR XX and NX options at the same time are not compatible");
    private static final CommandError GT_LT_NX =
            new CommandError("ERR GT, LT, and/or NX options at the same time are not compatible");
    private static final CommandError ONE_INCREMENT =
            new CommandError("ERR INCR option supports a single increment-element pair");
    private static final CommandError NAN = new CommandError("ERR resulting score is not a number (NaN)");

    /**
     * Which members are set, and what is answered.
     *
     * @param nx only new members
     * @param xx only members that are there
     * @param gt members that are there only if that raises their score
     * @param lt members that are there only if that lowers their score
     * @param changed whether changed scores are counted
     * @param increment whether the score is added to the present one
     */
    public record Options(boolean nx, boolean xx, boolean gt, boolean lt, boolean changed, boolean increment) {

        private static Options parse(Arguments arguments, boolean increment) {
            Options options = new Options(false, false, false, false, false, increment);
            while (true) {
                Options with = options.accept(arguments);
                if (with == null) {
                    return options;
                }
                options = with;
            }
        }

        private @Nullable Options accept(Arguments arguments) {
            if (arguments.accept("NX")) {
                return new Options(true, xx, gt, lt, changed, increment);
            }
            if (arguments.accept("XX")) {
                return new Options(nx, true, gt, lt, changed, increment);
            }
            if (arguments.accept("GT")) {
                return new Options(nx, xx, true, lt, changed, increment);
            }
            if (arguments.accept("LT")) {
                return new Options(nx, xx, gt, true, changed, increment);
            }
            if (arguments.accept("CH")) {
                return new Options(nx, xx, gt, lt, true, increment);
            }
            return arguments.accept("INCR") ? new Options(nx, xx, gt, lt, changed, true) : null;
        }

        private void check(int pairs) throws CommandError {
            if (nx && xx) {
                throw XX_AND_NX;
            }
            if (gt && nx || lt && nx || gt && lt) {
                throw GT_LT_NX;
            }
            if (increment && pairs > 1) {
                throw ONE_INCREMENT;
            }
        }

        /** Returns whether a member gets {@code score}, given the one it has, NaN if it is not there. */
        private boolean admits(double old, double score) {
            return Double.isNaN(old) ? !xx : !nx && !(gt && score <= old) && !(lt && score >= old);
        }
    }

    /** Returns the row of {@code spec}, one of those above. */
    public static Command row(CommandSpec spec) {
        return new Command.Data(spec, arguments -> parse(spec, arguments));
    }

    private static ZAdd parse(CommandSpec spec, Arguments arguments) throws CommandError {
        byte[] key = arguments.nextKey();
        Options options = Options.parse(arguments, spec.name().equals(ZINCRBY.name()));
        int pairs = arguments.remaining() / 2;
        if (pairs == 0 || arguments.remaining() % 2 != 0) {
            throw CommandError.SYNTAX;
        }
        options.check(pairs);
        byte[][] members = new byte[pairs][];
        double[] scores = new double[pairs];
        for (int i = 0; i < pairs; i++) {
            scores[i] = arguments.nextDouble();
            members[i] = arguments.next();
        }
        return new ZAdd(spec, arguments.database(), key, options, members, scores);
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        SortedSetValue zset = SortedSetValue.open(Keyspace.of(transaction, database), key);
        zset.claim(members);
        if (zset.size() == 0 && options.xx()) {
            return options.increment() ? Reply.NULL : Reply.ZERO;
        }
        zset.expect(members.length);
        long added = 0;
        long updated = 0;
        Reply score = Reply.NULL;
        for (int i = 0; i < members.length; i++) {
            double old = zset.score(members[i]);
            double wanted = options.increment() && !Double.isNaN(old) ? old + scores[i] : scores[i];
            if (Double.isNaN(wanted) && !options.nx()) {
                throw NAN;
            }
            if (options.admits(old, wanted)) {
                score = new Reply.Real(wanted);
                if (Double.isNaN(old)) {
                    added++;
                    zset.put(members[i], old, wanted);
                } else if (old != wanted) {
                    updated++;
                    zset.put(members[i], old, wanted);
                }
            }
        }
        if (added + updated > 0) {
            zset.store();
            zset.entry().event(options.increment() ? KeyspaceEvent.ZINCR : KeyspaceEvent.ZADD);
        }
        return options.increment() ? score : Reply.of(options.changed() ? added + updated : added);
    }
}
