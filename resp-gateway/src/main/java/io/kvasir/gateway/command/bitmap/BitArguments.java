package io.kvasir.gateway.command.bitmap;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Bits;
import java.util.Arrays;

/** Arguments that several commands over bits have, with Redis' errors (redis bitops.c). Stateless. */
final class BitArguments {

    private static final CommandError BAD_OFFSET = new CommandError("ERR bit offset is not an integer or out of range");
    private static final CommandError BAD_BIT = new CommandError("ERR bit is not an integer or out of range");

    private BitArguments() {}

    /** Reads a bit offset. */
    static long offset(Arguments arguments) throws CommandError {
        return offset(arguments.next(), 1);
    }

    /** Reads a bit offset, which with # before it is counted in fields of {@code width} bits. */
    static long fieldOffset(Arguments arguments, int width) throws CommandError {
        byte[] word = arguments.next();
        boolean counted = word.length > 0 && word[0] == '#';
        return counted ? offset(Arrays.copyOfRange(word, 1, word.length), width) : offset(word, 1);
    }

    private static long offset(byte[] word, int unit) throws CommandError {
        if (!NumberText.isLong(word)) {
            throw BAD_OFFSET;
        }
        long value = NumberText.toLong(word);
        if (value < 0 || value >= Bits.OFFSET_LIMIT || value * unit >= Bits.OFFSET_LIMIT) {
            throw BAD_OFFSET;
        }
        return value * unit;
    }

    /** Reads the value of a bit. */
    static int bit(Arguments arguments) throws CommandError {
        byte[] word = arguments.next();
        if (word.length != 1 || word[0] != '0' && word[0] != '1') {
            throw BAD_BIT;
        }
        return word[0] - '0';
    }
}
