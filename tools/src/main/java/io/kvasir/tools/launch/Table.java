package io.kvasir.tools.launch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Rows of text in columns as wide as their longest cell. Confined to one thread. */
final class Table {

    private static final String GAP = "   ";

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... heading) {
        rows.add(List.of(heading));
    }

    /** Adds a row with as many cells as the heading has. */
    Table row(Object... cells) {
        List<String> texts = Arrays.stream(cells).map(String::valueOf).toList();
        if (texts.size() != rows.getFirst().size()) {
            throw new IllegalArgumentException(texts + " does not fit " + rows.getFirst());
        }
        rows.add(texts);
        return this;
    }

    /** Returns the lines, each with its line end, indented by two blanks. */
    @Override
    public String toString() {
        StringBuilder out = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder(" ");
            for (int column = 0; column < row.size(); column++) {
                int index = column;
                int width = rows.stream()
                        .mapToInt(other -> other.get(index).length())
                        .max()
                        .orElse(0);
                line.append(column == 0 ? " " : GAP).append(row.get(column));
                line.append(" ".repeat(width - row.get(column).length()));
            }
            out.append(line.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }
}
