package io.kvasir.gateway.command;

import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.key.KeyLayout;
import io.kvasir.proto.request.Request;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The words of a command after its name, read from left to right, with what else decides how they are read: the
 * database number and the version of the protocol. The words are not copied and must not be changed. Confined to the
 * thread that parses.
 */
public final class Arguments {

    private final byte[][] words;
    private final int first;
    private final int database;
    private final boolean resp3;
    private final Thresholds thresholds;
    private final Caller caller;
    private final @Nullable String user;
    private int at;

    /** On whose behalf a command runs: what would wait for data does not in a transaction or a script. */
    public enum Caller {
        CLIENT,
        TRANSACTION,
        SCRIPT
    }

    private Arguments(
            byte[][] words,
            int first,
            int database,
            boolean resp3,
            Thresholds thresholds,
            Caller caller,
            @Nullable String user) {
        this.words = words;
        this.first = first;
        this.at = first;
        this.database = database;
        this.resp3 = resp3;
        this.thresholds = thresholds;
        this.caller = caller;
        this.user = user;
    }

    /** Returns the arguments among {@code words}, of which the first {@code nameWords} are the command's name. */
    public static Arguments of(byte[][] words, int nameWords, int database, boolean resp3) {
        return of(words, nameWords, database, resp3, Thresholds.DEFAULT);
    }

    /** Returns the arguments among {@code words}, to be run by {@code thresholds}. */
    public static Arguments of(byte[][] words, int nameWords, int database, boolean resp3, Thresholds thresholds) {
        return new Arguments(words, nameWords, database, resp3, thresholds, Caller.CLIENT, null);
    }

    /** Returns the same arguments, none of them read, of a command that runs for {@code caller}. */
    public Arguments calledBy(Caller caller) {
        return new Arguments(words, first, database, resp3, thresholds, caller, user);
    }

    /** Returns the arguments that are not read yet, of a command whose calls of others need the rights of a user. */
    public Arguments restOnBehalfOf(String name) {
        return new Arguments(words, at, database, resp3, thresholds, caller, name);
    }

    /** Returns the user whose rights a script needs for its calls, null if it needs none. */
    public @Nullable String user() {
        return user;
    }

    /** Returns on whose behalf the command runs. */
    public Caller caller() {
        return caller;
    }

    /** Returns the arguments of {@code request}, of which thresholds are none. */
    public static Arguments of(Request request) {
        boolean resp3 = (request.flags() & Request.FLAG_RESP3) != 0;
        byte[][] words = request.arguments();
        if ((request.flags() & Request.FLAG_TUNED) == 0) {
            return of(words, 0, request.database(), resp3);
        }
        int count = words.length - 1;
        return of(Arrays.copyOf(words, count), 0, request.database(), resp3, Thresholds.decode(words[count]));
    }

    /** Returns the database number of the session. */
    public int database() {
        return database;
    }

    /** Returns whether the session speaks RESP3, for the few replies whose shape depends on it. */
    public boolean resp3() {
        return resp3;
    }

    /** Returns the thresholds by which values that the command writes change their encoding. */
    public Thresholds thresholds() {
        return thresholds;
    }

    /** Returns the number of words, read or not. */
    public int size() {
        return words.length - first;
    }

    /** Returns word {@code index}, from 0, without reading past it. */
    public byte[] get(int index) {
        return words[first + index];
    }

    /** Returns the number of words not yet read. */
    public int remaining() {
        return words.length - at;
    }

    public boolean hasNext() {
        return at < words.length;
    }

    /**
     * Reads the next word.
     *
     * @throws CommandError "ERR syntax error" if there is none
     */
    public byte[] next() throws CommandError {
        if (at == words.length) {
            throw CommandError.SYNTAX;
        }
        return words[at++];
    }

    /**
     * Reads the next word as a user key.
     *
     * @throws CommandError if there is none or it is longer than {@link KeyLayout#USER_KEY_BYTES_MAX}
     */
    public byte[] nextKey() throws CommandError {
        byte[] key = next();
        if (key.length > KeyLayout.USER_KEY_BYTES_MAX) {
            throw new CommandError("ERR key is longer than " + KeyLayout.USER_KEY_BYTES_MAX + " bytes");
        }
        return key;
    }

    /**
     * Reads the next word as a 64-bit integer.
     *
     * @throws CommandError "ERR value is not an integer or out of range"
     */
    public long nextLong() throws CommandError {
        return NumberText.parseLong(next());
    }

    /**
     * Reads the next word as a 64-bit integer of at least {@code min} and at most {@code max}.
     *
     * @throws CommandError {@code outside} if it is another integer; "ERR value is not an integer or out of range" else
     */
    public long nextLong(long min, long max, CommandError outside) throws CommandError {
        long value = nextLong();
        if (value < min || value > max) {
            throw outside;
        }
        return value;
    }

    /**
     * Reads the next word as a float.
     *
     * @throws CommandError "ERR value is not a valid float"
     */
    public double nextDouble() throws CommandError {
        return NumberText.parseDouble(next());
    }

    /** Returns whether the next word is {@code upper}, in any case, without reading it. */
    public boolean nextIs(String upper) {
        return at < words.length && equalsIgnoreCase(words[at], upper);
    }

    /** Reads the next word if it is {@code upper}, in any case; returns whether it was. */
    public boolean accept(String upper) {
        boolean is = nextIs(upper);
        if (is) {
            at++;
        }
        return is;
    }

    /** Reads {@code count} user keys, which are there. */
    public byte[][] nextKeys(int count) throws CommandError {
        byte[][] keys = new byte[count][];
        for (int i = 0; i < count; i++) {
            keys[i] = nextKey();
        }
        return keys;
    }

    /** Reads all words that are left. */
    public byte[][] rest() {
        byte[][] rest = Arrays.copyOfRange(words, at, words.length);
        at = words.length;
        return rest;
    }

    /**
     * Returns without effect if every word has been read.
     *
     * @throws CommandError "ERR syntax error" if words are left
     */
    public void end() throws CommandError {
        if (hasNext()) {
            throw CommandError.SYNTAX;
        }
    }

    /** Returns whether {@code word} is {@code upper}, of upper-case ASCII, in any case. */
    public static boolean equalsIgnoreCase(byte[] word, String upper) {
        if (word.length != upper.length()) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (upperCase(word[i]) != upper.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    static boolean equalsIgnoreCase(byte[] word, byte[] upper) {
        return equalsIgnoreCase(word, new String(upper, StandardCharsets.US_ASCII));
    }

    static byte upperCase(byte letter) {
        return letter >= 'a' && letter <= 'z' ? (byte) (letter - 32) : letter;
    }
}
