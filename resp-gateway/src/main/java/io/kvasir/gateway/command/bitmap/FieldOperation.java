package io.kvasir.gateway.command.bitmap;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.type.Bits;
import io.kvasir.proto.reply.Reply;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One operation of BITFIELD.
 *
 * @param offset first bit of the field
 * @param operand the value of SET, the increment of INCRBY; else 0
 */
record FieldOperation(Verb verb, FieldType type, long offset, long operand, Overflow overflow) {

    private static final CommandError BAD_OVERFLOW = new CommandError("ERR Invalid OVERFLOW type specified");

    enum Verb {
        GET,
        SET,
        INCRBY
    }

    /** What becomes of a result that the type cannot hold: it wraps around, is cut to the limit, or is not written. */
    enum Overflow {
        WRAP,
        SAT,
        FAIL
    }

    /** Reads all operations that are left. */
    static List<FieldOperation> parse(Arguments arguments) throws CommandError {
        List<FieldOperation> operations = new ArrayList<>();
        Overflow overflow = Overflow.WRAP;
        while (arguments.hasNext()) {
            if (arguments.remaining() > 1 && arguments.accept("OVERFLOW")) {
                overflow = overflow(arguments);
            } else {
                operations.add(one(arguments, overflow));
            }
        }
        return List.copyOf(operations);
    }

    private static Overflow overflow(Arguments arguments) throws CommandError {
        for (Overflow candidate : Overflow.values()) {
            if (arguments.accept(candidate.name())) {
                return candidate;
            }
        }
        throw BAD_OVERFLOW;
    }

    private static FieldOperation one(Arguments arguments, Overflow overflow) throws CommandError {
        for (Verb verb : Verb.values()) {
            int words = verb == Verb.GET ? 3 : 4;
            if (arguments.remaining() >= words && arguments.accept(verb.name())) {
                FieldType type = FieldType.parse(arguments.next());
                long offset = BitArguments.fieldOffset(arguments, type.width());
                long operand = verb == Verb.GET ? 0 : arguments.nextLong();
                return new FieldOperation(verb, type, offset, operand, overflow);
            }
        }
        throw CommandError.SYNTAX;
    }

    boolean writes() {
        return verb != Verb.GET;
    }

    /** Returns the last bit of the field. */
    long lastBit() {
        return offset + type.width() - 1;
    }

    /** Returns the field's value. */
    long read(Bits bits) {
        return type.decode(bits.field(offset, type.width()));
    }

    /** Returns the value that the field gets, given its old one; null if it overflows and may not. */
    @Nullable
    Long result(long old) {
        long base = verb == Verb.SET ? operand : old;
        long increment = verb == Verb.SET ? 0 : operand;
        int direction = type.overflow(base, increment);
        if (direction == 0) {
            return base + increment;
        }
        return switch (overflow) {
            case WRAP -> type.wrap(base, increment);
            case SAT -> type.limit(direction);
            case FAIL -> null;
        };
    }

    /** Returns the reply of an operation that turned {@code old} into {@code result}. */
    Reply reply(long old, long result) {
        return Reply.of(verb == Verb.INCRBY ? result : old);
    }
}
