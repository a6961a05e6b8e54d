package io.kvasir.gateway.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Each command by itself. */
record OneByOne() implements Arrangement {

    @Override
    public List<Words> lines(Chance chance, int commands, Function<Chance, Words> draw) {
        List<Words> lines = new ArrayList<>();
        for (int i = 0; i < commands; i++) {
            lines.add(draw.apply(chance));
        }
        return lines;
    }
}
