package io.kvasir.gateway.acl;

import io.kvasir.gateway.command.Arguments;
import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.command.DataCommand;
import io.kvasir.gateway.command.database.Databases;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.gateway.type.Keyspace;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Procedure;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Where the users stand: a hash, field for field name and rules, at a key of the database that no client can select. So
 * they are replicated and durable like any other key, and changes of one user by several administrators follow one
 * another. Bytes: {@code docs/keyspace.md}, "Users".
 *
 * <p>No command of the table changes it: these procedures are called by gateways, for ACL. Stateless.
 */
public final class UserStore {

    /** The key of the users in {@link Databases#SYSTEM}. */
    private static final byte[] KEY = "users".getBytes(StandardCharsets.US_ASCII);

    /** Users that may be stored. */
    static final int USERS_MAX = 10_000;

    /** Bytes that the rules of one user may have. */
    static final int RULES_BYTES_MAX = 1 << 20;

    private static final CommandError TOO_MANY = new CommandError("ERR at most " + USERS_MAX + " users can be stored");
    private static final CommandError TOO_LONG =
            new CommandError("ERR the rules of a user may have at most " + RULES_BYTES_MAX + " bytes");

    private UserStore() {}

    /** Returns what the ranges must know to keep users. */
    public static List<Procedure> procedures(Supplier<CommandTable> table) {
        List<Procedure> all = new ArrayList<>(List.of(set(table), DELETE, LIST));
        all.addAll(InterceptStore.procedures(table));
        return all;
    }

    /**
     * {@code name description rule…}: changes a user by rules, starting from what is stored, or from the description if
     * nothing is.
     */
    static Command.Data set(Supplier<CommandTable> table) {
        return new Command.Data(
                CommandSpec.of("KVASIR.USERS SET", -3, "7.2.0").flags(CommandFlag.WRITE, CommandFlag.NOSCRIPT),
                arguments -> {
                    String name = text(arguments.next());
                    String otherwise = text(arguments.next());
                    return new Change(name, otherwise, rules(arguments), table.get());
                });
    }

    /** {@code name…}: removes users; answers how many there were. */
    static final Command.Data DELETE = new Command.Data(
            CommandSpec.of("KVASIR.USERS DELETE", -2, "7.2.0").flags(CommandFlag.WRITE, CommandFlag.NOSCRIPT),
            arguments -> new Delete(rules(arguments)));

    /** Answers names and rules in turn, and the fields of {@link InterceptStore}. */
    static final Command.Data LIST = new Command.Data(
            CommandSpec.of("KVASIR.USERS LIST", 1, "7.2.0").flags(CommandFlag.READONLY, CommandFlag.NOSCRIPT),
            _ -> new ListAll());

    private static List<String> rules(Arguments arguments) throws CommandError {
        List<String> rules = new ArrayList<>();
        while (arguments.hasNext()) {
            rules.add(text(arguments.next()));
        }
        return rules;
    }

    /** Returns what {@link #LIST} answered. */
    static Map<String, String> decode(Reply.Array answer) {
        Map<String, String> users = new LinkedHashMap<>();
        List<Reply> words = answer.elements();
        for (int i = 0; i + 1 < words.size(); i += 2) {
            if (words.get(i) instanceof Reply.Bulk(byte[] name)
                    && words.get(i + 1) instanceof Reply.Bulk(byte[] rules)) {
                users.put(text(name), text(rules));
            }
        }
        return users;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    static HashValue open(Transaction transaction) throws CommandError {
        return HashValue.open(Keyspace.of(transaction, Databases.SYSTEM), KEY);
    }

    /** What all procedures over the users have in common. */
    interface OfUsers extends DataCommand {

        @Override
        default int database() {
            return Databases.SYSTEM;
        }

        @Override
        default List<byte[]> userKeys() {
            return List.of(KEY);
        }
    }

    private record Change(String name, String otherwise, List<String> rules, CommandTable table) implements OfUsers {

        @Override
        public CommandSpec spec() {
            return CommandSpec.of("KVASIR.USERS SET", -3, "7.2.0").flags(CommandFlag.WRITE);
        }

        @Override
        public Reply execute(Transaction transaction) throws CommandError {
            HashValue hash = open(transaction);
            byte[] stored = hash.get(bytes(name));
            if (stored == null && hash.size() >= USERS_MAX) {
                throw TOO_MANY;
            }
            User before = User.parse(name, stored == null ? otherwise : text(stored), table);
            byte[] after = bytes(before.with(rules, table).describe());
            if (after.length > RULES_BYTES_MAX) {
                throw TOO_LONG;
            }
            hash.claim(new byte[][] {bytes(name)}, new byte[][] {after});
            hash.put(bytes(name), after);
            hash.store();
            return Reply.OK;
        }
    }

    private record Delete(List<String> names) implements OfUsers {

        @Override
        public CommandSpec spec() {
            return DELETE.spec();
        }

        @Override
        public Reply execute(Transaction transaction) throws CommandError {
            HashValue hash = open(transaction);
            int removed = 0;
            for (String name : names) {
                removed += hash.remove(bytes(name)) ? 1 : 0;
            }
            if (removed > 0) {
                hash.store();
            }
            return Reply.of(removed);
        }
    }

    private record ListAll() implements OfUsers {

        @Override
        public CommandSpec spec() {
            return LIST.spec();
        }

        @Override
        public Reply execute(Transaction transaction) throws CommandError {
            List<Reply> all = new ArrayList<>();
            open(transaction).forEach((name, rules) -> {
                all.add(Reply.bulk(name));
                return all.add(Reply.bulk(rules));
            });
            return Reply.array(all);
        }
    }
}
