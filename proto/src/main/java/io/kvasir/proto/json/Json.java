package io.kvasir.proto.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON value (RFC 8259) whose numbers are whole: objects keep the order of their members. Immutable. */
public sealed interface Json {

    /** An object. */
    record Members(Map<String, Json> values) implements Json {
        public Members {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }
    }

    /** An array. */
    record Elements(List<Json> values) implements Json {
        public Elements {
            values = List.copyOf(values);
        }
    }

    /** A string. */
    record Text(String value) implements Json {}

    /** A number without a fraction. */
    record Whole(long value) implements Json {}

    /** A truth value. */
    record Truth(boolean value) implements Json {}

    /** Nothing: {@code null}. */
    record Nothing() implements Json {}

    /**
     * Returns the object of {@code namesAndValues}, which alternate: names are strings; values are strings, whole
     * numbers, truth values, or {@link Json}.
     */
    static Json of(Object... namesAndValues) {
        Map<String, Json> members = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            members.put((String) namesAndValues[i], value(namesAndValues[i + 1]));
        }
        return new Members(members);
    }

    /** Returns the array of {@code values}, each as in {@link #of}. */
    static Json array(List<?> values) {
        List<Json> elements = new ArrayList<>();
        values.forEach(value -> elements.add(value(value)));
        return new Elements(elements);
    }

    private static Json value(Object value) {
        return switch (value) {
            case Json json -> json;
            case String text -> new Text(text);
            case Boolean truth -> new Truth(truth);
            case Integer number -> new Whole(number);
            case Long number -> new Whole(number);
            default -> throw new IllegalArgumentException("no JSON: " + value.getClass());
        };
    }

    /** Returns this on one line. */
    default String text() {
        StringBuilder out = new StringBuilder();
        write(this, out);
        return out.toString();
    }

    private static void write(Json json, StringBuilder out) {
        switch (json) {
            case Members(Map<String, Json> values) -> {
                String gap = "{";
                for (Map.Entry<String, Json> member : values.entrySet()) {
                    quote(member.getKey(), out.append(gap));
                    write(member.getValue(), out.append(':'));
                    gap = ",";
                }
                out.append(values.isEmpty() ? "{}" : "}");
            }
            case Elements(List<Json> values) -> {
                String gap = "[";
                for (Json element : values) {
                    write(element, out.append(gap));
                    gap = ",";
                }
                out.append(values.isEmpty() ? "[]" : "]");
            }
            case Text(String value) -> quote(value, out);
            case Whole(long value) -> out.append(value);
            case Truth(boolean value) -> out.append(value);
            case Nothing() -> out.append("null");
        }
    }

    private static void quote(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                default -> {
                    if (c < ' ' || Character.isSurrogate(c)) {
                        out.append(String.format("\\u%04x", (int) c));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }

    /**
     * Reads one value.
     *
     * @throws IllegalArgumentException if {@code text} is not one, or is nested deeper than
     *     {@link JsonReader#DEPTH_MAX}
     */
    static Json parse(String text) {
        return new JsonReader(text).whole();
    }
}
