package io.kvasir.gateway.session;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.proto.request.RequestId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;

/**
 * The name that a client gave its next write by CLIENT REQUESTID, so that it can send it again (rule K21). Names are
 * equal for all gateways; two clients that choose one name for commands in one slot are taken for one.
 *
 * @param name any bytes
 */
public record RequestName(byte[] name) {

    /** Longest name, in bytes. */
    static final int BYTES_MAX = 128;

    private static final CommandError NO_NAME = new CommandError("ERR a request id has 1 to " + BYTES_MAX + " bytes");

    /**
     * Returns {@code word} as a name.
     *
     * @throws CommandError if it is empty or too long
     */
    static RequestName parse(byte[] word) throws CommandError {
        if (word.length == 0 || word.length > BYTES_MAX) {
            throw NO_NAME;
        }
        return new RequestName(word.clone());
    }

    /** Returns the id of the request that this name stands for: {@code commands}, all words of each, in a database. */
    public RequestId of(int database, List<byte[][]> commands) {
        MessageDigest sha = sha();
        sha.update(name);
        ByteBuffer id = ByteBuffer.wrap(sha.digest());
        sha.update(Integer.toString(database).getBytes(StandardCharsets.US_ASCII));
        for (byte[][] words : commands) {
            sha.update(number(words.length));
            for (byte[] word : words) {
                sha.update(number(word.length));
                sha.update(word);
            }
        }
        return new RequestId(
                id.getLong(), id.getLong(), ByteBuffer.wrap(sha.digest()).getLong());
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(value).array();
    }

    private static MessageDigest sha() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }
}
