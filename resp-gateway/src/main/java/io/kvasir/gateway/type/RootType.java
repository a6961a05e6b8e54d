package io.kvasir.gateway.type;

import io.kvasir.proto.key.KeyLayout;

/** The type of a user key's value. The numbers are stored and never reused. */
public enum RootType {
    STRING(1, "string", KeyLayout.KIND_ELEMENT),
    LIST(2, "list", KeyLayout.KIND_ELEMENT),
    SET(3, "set", KeyLayout.KIND_ELEMENT),
    ZSET(4, "zset", KeyLayout.KIND_ELEMENT),
    HASH(5, "hash", KeyLayout.KIND_ELEMENT),
    STREAM(6, "stream", KeyLayout.KIND_ELEMENT);

    private static final RootType[] BY_NUMBER = new RootType[16];

    static {
        for (RootType type : values()) {
            BY_NUMBER[type.number] = type;
        }
    }

    private final int number;
    private final String replyName;
    private final byte[] kinds;

    RootType(int number, String replyName, int... kinds) {
        this.number = number;
        this.replyName = replyName;
        this.kinds = new byte[kinds.length];
        for (int i = 0; i < kinds.length; i++) {
            this.kinds[i] = (byte) kinds[i];
        }
    }

    /** Returns the stored number, 1 to 15. */
    public int number() {
        return number;
    }

    /** Returns the name as TYPE answers it. */
    public String replyName() {
        return replyName;
    }

    /** Returns the kinds of sub-records that values of this type may have. */
    public byte[] kinds() {
        return kinds.clone();
    }

    /**
     * Returns the type numbered {@code number}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static RootType numbered(int number) {
        RootType type = number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : null;
        if (type == null) {
            throw new IllegalArgumentException("no type " + number);
        }
        return type;
    }
}
