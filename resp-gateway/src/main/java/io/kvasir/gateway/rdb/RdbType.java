package io.kvasir.gateway.rdb;

import java.util.Optional;

/** The forms of values, by the byte that stands before one. */
public enum RdbType {
    STRING(0, Family.STRING),
    LIST(1, Family.LIST),
    SET(2, Family.SET),
    ZSET(3, Family.ZSET),
    HASH(4, Family.HASH),
    ZSET_2(5, Family.ZSET),
    MODULE_2(7, Family.MODULE),
    HASH_ZIPMAP(9, Family.HASH),
    LIST_ZIPLIST(10, Family.LIST),
    SET_INTSET(11, Family.SET),
    ZSET_ZIPLIST(12, Family.ZSET),
    HASH_ZIPLIST(13, Family.HASH),
    LIST_QUICKLIST(14, Family.LIST),
    STREAM_LISTPACKS(15, Family.STREAM),
    HASH_LISTPACK(16, Family.HASH),
    ZSET_LISTPACK(17, Family.ZSET),
    LIST_QUICKLIST_2(18, Family.LIST),
    STREAM_LISTPACKS_2(19, Family.STREAM),
    SET_LISTPACK(20, Family.SET),
    STREAM_LISTPACKS_3(21, Family.STREAM);

    private static final RdbType[] BY_CODE = new RdbType[256];

    static {
        for (RdbType type : values()) {
            BY_CODE[type.code] = type;
        }
    }

    /** What a value is, whatever its form. */
    public enum Family {
        STRING,
        LIST,
        SET,
        ZSET,
        HASH,
        STREAM,
        MODULE
    }

    private final int code;
    private final Family family;

    RdbType(int code, Family family) {
        this.code = code;
        this.family = family;
    }

    /** Returns the byte that stands before a value of this form. */
    public int code() {
        return code;
    }

    public Family family() {
        return family;
    }

    /** Returns the form that byte {@code code}, 0 to 255, says; empty if none is known by it. */
    public static Optional<RdbType> of(int code) {
        return Optional.ofNullable(BY_CODE[code]);
    }
}
