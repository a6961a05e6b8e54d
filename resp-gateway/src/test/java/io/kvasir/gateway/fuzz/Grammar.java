package io.kvasir.gateway.fuzz;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/**
 * What random commands of a family look like: a table of forms. Of the commands written from it, about one in
 * {@value #SPOILED_ONE_IN} is spoiled afterwards: a word is lost, doubled, added or replaced, so that errors are
 * compared as well.
 */
public final class Grammar {

    private static final int SPOILED_ONE_IN = 10;

    /**
     * Words that parsers stumble over. None is a small positive number: as a deadline it would pass while the test
     * runs.
     */
    private static final List<String> JUNK = List.of(
            "",
            "x",
            "-1",
            "0",
            "-0",
            "+7",
            "007",
            " 8",
            "8 ",
            "1.5",
            "1e3",
            "0x10",
            "nan",
            "inf",
            "-inf",
            "3.0e+400",
            "9223372036854775807",
            "-9223372036854775808",
            "9223372036854775808",
            "99999999999999999999",
            "\0",
            "\r\n",
            "*",
            "k1",
            "NX",
            "XX",
            "count",
            "MATCH");

    /**
     * One command.
     *
     * @param weight how often it is drawn, against the weights of the other forms
     */
    public record Form(int weight, String name, List<Part> parts) {

        public Form {
            parts = List.copyOf(parts);
        }
    }

    /** Writes the next words of a command. */
    @FunctionalInterface
    public interface Part {
        void write(Chance chance, List<byte[]> words);
    }

    private final List<Form> forms = new ArrayList<>();
    private int weights;
    private int spoiledOneIn = SPOILED_ONE_IN;
    private Predicate<Words> unwanted = Grammar::waitsLong;
    private UnaryOperator<Words> change = words -> words;

    /** Adds a form to the table and returns this. */
    public Grammar add(int weight, String name, Part... parts) {
        forms.add(new Form(weight, name, List.of(parts)));
        weights += weight;
        return this;
    }

    /** Adds all forms of {@code other} to the table and returns this. */
    public Grammar addAll(Grammar other) {
        forms.addAll(other.forms);
        weights += other.weights;
        unwanted = unwanted.or(other.unwanted);
        return this;
    }

    /** Returns whether {@code words} may wait for data longer than a moment: nobody else brings any. */
    private static boolean waitsLong(Words words) {
        int time =
                switch (words.name()) {
                    case "BLPOP", "BRPOP", "BZPOPMIN", "BZPOPMAX", "BLMOVE", "BRPOPLPUSH" -> words.size() - 1;
                    case "BLMPOP", "BZMPOP" -> 1;
                    default -> words.size();
                };
        if (time >= words.size()) {
            return false;
        }
        String text = words.text(time);
        return text.matches("[ +]?[0-9].*|-0") && !text.startsWith("0.00");
    }

    /** Lets no command be drawn for which {@code test} holds, and returns this. */
    public Grammar without(Predicate<Words> test) {
        unwanted = unwanted.or(test);
        return this;
    }

    /** Returns a grammar of the same forms, of whose commands one in {@code oneIn} is spoiled. */
    public Grammar spoiling(int oneIn) {
        Grammar other = new Grammar().addAll(this);
        other.spoiledOneIn = oneIn;
        other.change = change;
        return other;
    }

    /** Returns a grammar of the same forms, to whose commands {@code other} is done at last. */
    public Grammar mapping(UnaryOperator<Words> other) {
        Grammar mapping = new Grammar().addAll(this);
        mapping.spoiledOneIn = spoiledOneIn;
        mapping.change = other;
        return mapping;
    }

    /** Returns a random command. */
    public Words next(Chance chance) {
        Words words = draw(chance);
        while (unwanted.test(words)) {
            words = draw(chance);
        }
        return change.apply(words);
    }

    private Words draw(Chance chance) {
        int draw = chance.below(weights);
        int index = 0;
        while (draw >= forms.get(index).weight()) {
            draw -= forms.get(index).weight();
            index++;
        }
        Form form = forms.get(index);
        List<byte[]> words = new ArrayList<>();
        for (String word : form.name().split(" ")) {
            words.add(Words.bytes(word));
        }
        int fixed = words.size();
        for (Part part : form.parts()) {
            part.write(chance, words);
        }
        if (chance.oneIn(spoiledOneIn)) {
            spoil(chance, words, fixed);
        }
        return new Words(words);
    }

    private static void spoil(Chance chance, List<byte[]> words, int fixed) {
        byte[] junk = Words.bytes(chance.of(JUNK));
        if (words.size() == fixed) {
            words.add(junk);
            return;
        }
        int index = chance.between(fixed, words.size() - 1);
        switch (chance.below(5)) {
            case 0 -> words.remove(index);
            case 1 -> words.add(index, words.get(index));
            case 2 -> words.add(index, junk);
            case 3 -> words.subList(index, words.size()).clear();
            default -> words.set(index, junk);
        }
    }

    // The parts of a form.

    /** The word itself, in lower case now and then. */
    public static Part word(String word) {
        return (chance, words) -> words.add(Words.bytes(chance.oneIn(4) ? word.toLowerCase(Locale.ROOT) : word));
    }

    /** One of {@code choices}. */
    public static Part anyOf(String... choices) {
        return (chance, words) -> words.add(Words.bytes(chance.of(Arrays.asList(choices))));
    }

    /** A number from {@code low} to {@code high}, both inclusive. */
    public static Part number(int low, int high) {
        return (chance, words) -> words.add(Words.bytes(Integer.toString(chance.between(low, high))));
    }

    /** {@code parts}, once in {@code times}. */
    public static Part maybe(int times, Part... parts) {
        return (chance, words) -> {
            if (chance.oneIn(times)) {
                write(chance, words, parts);
            }
        };
    }

    /** One of {@code parts}. */
    public static Part either(Part... parts) {
        return (chance, words) -> chance.of(Arrays.asList(parts)).write(chance, words);
    }

    /** {@code parts}, {@code low} to {@code high} times. */
    public static Part times(int low, int high, Part... parts) {
        return (chance, words) -> {
            for (int left = chance.between(low, high); left > 0; left--) {
                write(chance, words, parts);
            }
        };
    }

    /** {@code stem}0, {@code stem}1 and so on, {@code low} to {@code high} of them, each followed by {@code value}. */
    public static Part numbered(String stem, int low, int high, Part value) {
        return (chance, words) -> {
            int count = chance.between(low, high);
            for (int i = 0; i < count; i++) {
                words.add(Words.bytes(stem + i));
                value.write(chance, words);
            }
        };
    }

    /** {@code low} to {@code high} random bytes. */
    public static Part blob(int low, int high) {
        return (chance, words) -> words.add(chance.bytes(chance.between(low, high)));
    }

    /**
     * A relative deadline in units of which a second has {@code perSecond}: far off, and of its own within the script.
     */
    public static Part span(int perSecond) {
        return (chance, words) ->
                words.add(Words.bytes(Long.toString((1_000L + 100L * chance.fresh(900)) * perSecond)));
    }

    /** A deadline since the Unix epoch, as {@link #span}; far from what {@link #span} draws. */
    public static Part instant(int perSecond) {
        return (chance, words) ->
                words.add(Words.bytes(Long.toString((4_000_000_000L + 100L * chance.fresh(900)) * perSecond)));
    }

    private static void write(Chance chance, List<byte[]> words, Part... parts) {
        for (Part part : parts) {
            part.write(chance, words);
        }
    }
}
