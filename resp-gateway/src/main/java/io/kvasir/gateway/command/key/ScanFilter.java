package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.glob.Glob;
import java.util.Optional;

/**
 * The options of SCAN, HSCAN, SSCAN and ZSCAN: {@code [MATCH pattern] [COUNT number] [TYPE type]}, the last one for
 * SCAN alone (redis db.c, scanGenericCommand).
 *
 * @param count about how many elements to examine, from 1
 * @param type name of the wanted type in any case; empty for all
 */
public record ScanFilter(byte[] pattern, long count, Optional<byte[]> type) {

    private static final byte[] ALL = {'*'};
    private static final long COUNT = 10;

    /** Reads the options up to the end of {@code arguments}. */
    public static ScanFilter parse(Arguments arguments, boolean typed) throws CommandError {
        byte[] pattern = ALL;
        long count = COUNT;
        Optional<byte[]> type = Optional.empty();
        while (arguments.hasNext()) {
            boolean valued = arguments.remaining() > 1;
            if (valued && arguments.accept("COUNT")) {
                count = arguments.nextLong(1, Long.MAX_VALUE, CommandError.SYNTAX);
            } else if (valued && arguments.accept("MATCH")) {
                pattern = arguments.next();
            } else if (valued && typed && arguments.accept("TYPE")) {
                type = Optional.of(arguments.next());
            } else {
                throw CommandError.SYNTAX;
            }
        }
        return new ScanFilter(pattern, count, type);
    }

    public Glob glob() {
        return new Glob(pattern);
    }

    /** Reads the options of a collection's scan, to answer an error in them only once the key is known to exist. */
    public static Parsed parseLater(Arguments arguments) {
        try {
            return new Parsed(Optional.of(parse(arguments, false)), CommandError.SYNTAX);
        } catch (CommandError error) {
            return new Parsed(Optional.empty(), error);
        }
    }

    /** The options, or the error that they are. */
    public record Parsed(Optional<ScanFilter> options, CommandError error) {

        /**
         * Returns the options.
         *
         * @throws CommandError what is wrong with them
         */
        public ScanFilter require() throws CommandError {
            return options.orElseThrow(() -> error);
        }
    }
}
