package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Keyspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The order of SORT (redis sort.c): by numbers, elements of one number by their bytes; or by bytes.
 *
 * @param by what to compare, null for the elements themselves
 */
record SortOrder(@Nullable SortPattern by, boolean alpha, boolean descending) {

    private static final CommandError NO_NUMBER =
            new CommandError("ERR One or more scores can't be converted into double");

    private static final Comparator<Weighed> BY_NUMBER =
            Comparator.comparingDouble(Weighed::number).thenComparing(Weighed::element, Arrays::compareUnsigned);
    private static final Comparator<Weighed> BY_BYTES =
            Comparator.comparing(Weighed::bytes, Comparator.nullsFirst(Arrays::compareUnsigned));

    private record Weighed(byte[] element, double number, byte @Nullable [] bytes) {}

    /**
     * Returns {@code elements} in this order.
     *
     * @throws CommandError if what is to be compared as a number is none
     */
    List<byte[]> sort(Keyspace keyspace, List<byte[]> elements) throws CommandError {
        List<Weighed> weighed = new ArrayList<>(elements.size());
        boolean faulty = false;
        for (byte[] element : elements) {
            byte[] compared = by == null ? element : by.value(keyspace, element);
            double number = alpha || compared == null ? 0 : number(compared);
            faulty |= Double.isNaN(number);
            weighed.add(new Weighed(element, number, compared));
        }
        if (faulty) {
            throw NO_NUMBER;
        }
        Comparator<Weighed> order = alpha ? BY_BYTES : BY_NUMBER;
        weighed.sort(descending ? order.reversed() : order);
        return weighed.stream().map(Weighed::element).toList();
    }

    /** Returns the number that {@code text} is to strtod, up to a byte 00; NaN if it is none. */
    private static double number(byte[] text) {
        int end = 0;
        while (end < text.length && text[end] != 0) {
            end++;
        }
        if (end == 0) {
            return 0;
        }
        int start = 0;
        while (start < end && (text[start] == ' ' || text[start] >= '\t' && text[start] <= '\r')) {
            start++;
        }
        try {
            // Adding 0 makes one zero of two.
            return NumberText.parseDouble(Arrays.copyOfRange(text, start, end)) + 0.0;
        } catch (CommandError none) {
            return Double.NaN;
        }
    }
}
