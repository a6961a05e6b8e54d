package io.kvasir.proto.reply;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Replies of every type, nested, from a seed. */
public final class RandomReply {

    private final Random random;

    public RandomReply(Random random) {
        this.random = random;
    }

    /** Returns a reply nested at most {@code depth} levels. */
    public Reply next(int depth) {
        return switch (random.nextInt(depth > 0 ? 13 : 9)) {
            case 0 -> new Reply.Status(text());
            case 1 -> new Reply.Error(text());
            case 2 -> new Reply.Int(random.nextLong() >> random.nextInt(64));
            case 3 -> new Reply.Bulk(bytes());
            case 4 -> new Reply.Null(random.nextBoolean());
            case 5 -> new Reply.Real(Double.longBitsToDouble(random.nextLong()));
            case 6 -> new Reply.Bool(random.nextBoolean());
            case 7 -> new Reply.BigNumber(Long.toString(random.nextLong()) + "0000000000");
            case 8 -> new Reply.Verbatim("txt", bytes());
            case 9 -> new Reply.Array(elements(depth, random.nextInt(5)));
            case 10 -> new Reply.MapOf(elements(depth, 2 * random.nextInt(3)));
            case 11 -> new Reply.SetOf(elements(depth, random.nextInt(5)));
            default -> new Reply.Push(elements(depth, random.nextInt(5)));
        };
    }

    private List<Reply> elements(int depth, int count) {
        List<Reply> elements = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            elements.add(next(depth - 1));
        }
        return elements;
    }

    private String text() {
        return new String[] {"", "OK", "QUEUED", "ERR wrong", "h\u00e9 \u20ac \ud83d\ude00"}[random.nextInt(5)];
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(200)];
        random.nextBytes(bytes);
        return bytes;
    }
}
