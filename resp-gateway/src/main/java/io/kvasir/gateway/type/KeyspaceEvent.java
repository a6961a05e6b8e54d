package io.kvasir.gateway.type;

import io.kvasir.region.EventCode;

/**
 * The keyspace events, with the class letter by which {@code notify-keyspace-events} selects them ("Redis keyspace
 * notifications"). The numbers are part of the raft entry and never reused.
 */
public enum KeyspaceEvent {
    DEL(1, 'g', "del"),
    RENAME_FROM(2, 'g', "rename_from"),
    RENAME_TO(3, 'g', "rename_to"),
    COPY_TO(4, 'g', "copy_to"),
    MOVE_FROM(5, 'g', "move_from"),
    MOVE_TO(6, 'g', "move_to"),
    RESTORE(7, 'g', "restore"),
    EXPIRE(8, 'g', "expire"),
    PERSIST(9, 'g', "persist"),
    SORTSTORE(10, 'l', "sortstore"),
    EXPIRED(11, 'x', "expired"),
    NEW(12, 'n', "new"),
    SET(20, '$', "set"),
    SETRANGE(21, '$', "setrange"),
    INCRBY(22, '$', "incrby"),
    INCRBYFLOAT(23, '$', "incrbyfloat"),
    APPEND(24, '$', "append"),
    SETBIT(25, '$', "setbit"),
    PFADD(26, '$', "pfadd"),
    LPUSH(40, 'l', "lpush"),
    RPUSH(41, 'l', "rpush"),
    LPOP(42, 'l', "lpop"),
    RPOP(43, 'l', "rpop"),
    LSET(44, 'l', "lset"),
    LINSERT(45, 'l', "linsert"),
    LREM(46, 'l', "lrem"),
    LTRIM(47, 'l', "ltrim"),
    SADD(60, 's', "sadd"),
    SREM(61, 's', "srem"),
    SPOP(62, 's', "spop"),
    SINTERSTORE(63, 's', "sinterstore"),
    SUNIONSTORE(64, 's', "sunionstore"),
    SDIFFSTORE(65, 's', "sdiffstore"),
    HSET(80, 'h', "hset"),
    HDEL(81, 'h', "hdel"),
    HINCRBY(82, 'h', "hincrby"),
    HINCRBYFLOAT(83, 'h', "hincrbyfloat"),
    ZADD(100, 'z', "zadd"),
    ZINCR(101, 'z', "zincr"),
    ZREM(102, 'z', "zrem"),
    ZREMRANGEBYSCORE(103, 'z', "zremrangebyscore"),
    ZREMRANGEBYRANK(104, 'z', "zremrangebyrank"),
    ZREMRANGEBYLEX(105, 'z', "zremrangebylex"),
    ZPOPMIN(106, 'z', "zpopmin"),
    ZPOPMAX(107, 'z', "zpopmax"),
    ZINTERSTORE(108, 'z', "zinterstore"),
    ZUNIONSTORE(109, 'z', "zunionstore"),
    ZDIFFSTORE(110, 'z', "zdiffstore"),
    ZRANGESTORE(111, 'z', "zrangestore"),
    GEOSEARCHSTORE(112, 'z', "geosearchstore"),
    GEORADIUSSTORE(113, 'z', "georadiusstore"),
    XADD(120, 't', "xadd"),
    XTRIM(121, 't', "xtrim"),
    XDEL(122, 't', "xdel"),
    XSETID(123, 't', "xsetid"),
    XGROUP_CREATE(124, 't', "xgroup-create"),
    XGROUP_SETID(125, 't', "xgroup-setid"),
    XGROUP_DESTROY(126, 't', "xgroup-destroy"),
    XGROUP_CREATECONSUMER(127, 't', "xgroup-createconsumer"),
    XGROUP_DELCONSUMER(128, 't', "xgroup-delconsumer");

    private static final KeyspaceEvent[] BY_NUMBER = new KeyspaceEvent[256];

    static {
        for (KeyspaceEvent event : values()) {
            BY_NUMBER[event.code.number()] = event;
        }
    }

    private final EventCode code;
    private final char classLetter;
    private final String eventName;

    KeyspaceEvent(int number, char classLetter, String eventName) {
        this.code = new EventCode(number);
        this.classLetter = classLetter;
        this.eventName = eventName;
    }

    /** Returns the code as it stands in a raft entry. */
    public EventCode code() {
        return code;
    }

    /** Returns the letter of its class, such as 'g' for generic commands. */
    public char classLetter() {
        return classLetter;
    }

    /** Returns the name that subscribers see. */
    public String eventName() {
        return eventName;
    }

    /**
     * Returns the event of {@code code}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static KeyspaceEvent of(EventCode code) {
        KeyspaceEvent event = code.number() < BY_NUMBER.length ? BY_NUMBER[code.number()] : null;
        if (event == null) {
            throw new IllegalArgumentException("no keyspace event " + code.number());
        }
        return event;
    }
}
