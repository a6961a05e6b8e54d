package io.kvasir.gateway.command.key;

import io.kvasir.gateway.command.AclCategory;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.KeySpec;
import io.kvasir.gateway.command.NumberText;
import io.kvasir.gateway.type.Entry;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.gateway.type.ListValue;
import io.kvasir.gateway.type.RootType;
import io.kvasir.gateway.type.SetValue;
import io.kvasir.gateway.type.SortedSetValue;
import io.kvasir.gateway.type.StringValue;
import io.kvasir.gateway.type.Thresholds;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Transaction;

/**
 * {@code OBJECT ENCODING | REFCOUNT | IDLETIME | FREQ key}: what Redis would say of the value's representation in
 * memory; null if there is no key.
 */
public record ObjectInfo(Form form, int database, Thresholds thresholds, byte[] key) implements DataCommand.OfKey {

    /** Longest string that Redis stores beside its header. */
    private static final int EMBEDDED_BYTES_MAX = 44;

    /** Integers from 0 to below this are shared in Redis and have this reference count. */
    private static final int SHARED_INTEGERS = 10_000;

    private static final Reply SHARED_COUNT = Reply.of(Integer.MAX_VALUE);

    private static final CommandError NO_FREQUENCY = new CommandError(
            "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching"
                    + " between policies at runtime LRU and LFU data will take some time to adjust.");

    /** The four commands. */
    public enum Form {
        ENCODING("2.2.3"),
        REFCOUNT("2.2.3"),
        IDLETIME("2.2.3"),
        FREQ("4.0.0");

        private final CommandSpec spec;

        Form(String since) {
            spec = CommandSpec.of("OBJECT " + name(), 3, since)
                    .flags(CommandFlag.READONLY)
                    .categories(AclCategory.KEYSPACE)
                    .keys(2, 2, 1, KeySpec.Access.READ);
        }

        /** Returns the row of this command. */
        public Command row() {
            return new Command.Data(
                    spec,
                    arguments ->
                            new ObjectInfo(this, arguments.database(), arguments.thresholds(), arguments.nextKey()));
        }
    }

    @Override
    public CommandSpec spec() {
        return form.spec;
    }

    @Override
    public Reply execute(Transaction transaction) throws CommandError {
        Keyspace keyspace = Keyspace.of(transaction, database);
        Entry entry = keyspace.open(key);
        if (!entry.exists()) {
            return Reply.NULL;
        }
        return switch (form) {
            case ENCODING -> Reply.bulk(encoding(keyspace, entry));
            case REFCOUNT -> isSharedInteger(entry) ? SHARED_COUNT : Reply.ONE;
            // Accesses are not recorded: every key counts as just used.
            case IDLETIME -> Reply.ZERO;
            case FREQ -> throw NO_FREQUENCY;
        };
    }

    private String encoding(Keyspace keyspace, Entry entry) throws CommandError {
        return switch (entry.root().type()) {
            case STRING -> stringEncoding(entry);
            case HASH -> HashValue.open(keyspace, key).encoding();
            case LIST -> ListValue.of(entry).encoding();
            case SET -> SetValue.open(keyspace, key).encoding().replyName();
            case ZSET -> sortedSetEncoding(SortedSetValue.open(keyspace, key));
            case STREAM -> "stream";
        };
    }

    private String sortedSetEncoding(SortedSetValue zset) {
        boolean listpack = zset.isListpack(thresholds.zsetEntries(), thresholds.zsetBytes());
        return listpack ? "listpack" : "skiplist";
    }

    private static String stringEncoding(Entry entry) {
        if (entry.root().count() > EMBEDDED_BYTES_MAX) {
            return "raw";
        }
        return NumberText.isLong(StringValue.of(entry).bytes()) ? "int" : "embstr";
    }

    private static boolean isSharedInteger(Entry entry) {
        if (entry.root().type() != RootType.STRING || entry.root().count() > EMBEDDED_BYTES_MAX) {
            return false;
        }
        byte[] value = StringValue.of(entry).bytes();
        return NumberText.isLong(value) && NumberText.toLong(value) >= 0 && NumberText.toLong(value) < SHARED_INTEGERS;
    }
}
