package io.kvasir.tools.admin;

import io.kvasir.proto.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * JSON as people read it: an array of objects is a table, an object a list of its members, tables among them below it.
 * Stateless.
 */
final class Page {

    private static final String GAP = "  ";

    private Page() {}

    /** Returns {@code json} as lines. */
    static String of(Json json) {
        return switch (json) {
            case Json.Elements(List<Json> rows) -> rows.isEmpty() ? "none\n" : table(rows);
            case Json.Members(Map<String, Json> values) -> members(values);
            default -> cell(json) + "\n";
        };
    }

    private static String members(Map<String, Json> values) {
        List<List<String>> lines = new ArrayList<>();
        StringBuilder tables = new StringBuilder();
        values.forEach((name, value) -> {
            if (value instanceof Json.Elements) {
                tables.append('\n').append(heading(name)).append('\n').append(of(value));
            } else {
                lines.add(List.of(heading(name), cell(value)));
            }
        });
        return columns(lines) + tables;
    }

    private static String table(List<Json> rows) {
        Map<String, Integer> names = new LinkedHashMap<>();
        for (Json row : rows) {
            if (row instanceof Json.Members(Map<String, Json> values)) {
                values.keySet().forEach(name -> names.putIfAbsent(name, names.size()));
            }
        }
        List<List<String>> lines = new ArrayList<>();
        lines.add(names.keySet().stream().map(Page::heading).toList());
        for (Json row : rows) {
            Map<String, Json> values = row instanceof Json.Members members ? members.values() : Map.of();
            lines.add(names.keySet().stream()
                    .map(name -> cell(values.getOrDefault(name, new Json.Nothing())))
                    .toList());
        }
        return columns(lines);
    }

    private static String columns(List<List<String>> lines) {
        StringBuilder out = new StringBuilder();
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int column = 0; column < line.size(); column++) {
                int at = column;
                int width = lines.stream()
                        .mapToInt(other -> other.get(at).length())
                        .max()
                        .orElse(0);
                text.append(line.get(column))
                        .append(" ".repeat(width - line.get(column).length()))
                        .append(GAP);
            }
            out.append(text.toString().stripTrailing()).append('\n');
        }
        return out.toString();
    }

    /** Returns {@code heardMillisAgo} as {@code heard-millis-ago}. */
    private static String heading(String name) {
        StringBuilder out = new StringBuilder();
        for (char c : name.toCharArray()) {
            if (Character.isUpperCase(c)) {
                out.append('-').append(Character.toLowerCase(c));
            } else {
                out.append(c);
            }
        }
        return out.toString();
    }

    private static String cell(Json value) {
        return switch (value) {
            case Json.Text(String text) -> text.isEmpty() ? "-" : text;
            case Json.Truth(boolean truth) -> truth ? "yes" : "no";
            case Json.Nothing() -> "-";
            case Json.Whole(long number) -> Long.toString(number);
            case Json.Members members -> members.text();
            case Json.Elements elements -> elements.text();
        };
    }
}
