package io.kvasir.gateway.acl;

import io.kvasir.gateway.command.Command;
import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.command.CommandFlag;
import io.kvasir.gateway.command.CommandSpec;
import io.kvasir.gateway.command.CommandTable;
import io.kvasir.gateway.type.HashValue;
import io.kvasir.proto.reply.Reply;
import io.kvasir.region.Procedure;
import io.kvasir.region.Transaction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Where the rules about intercepted calls stand: beside the users, in fields of the same hash that begin with a null
 * byte, which no user's name has. So a gateway that knows the users knows the rules. Bytes: {@code docs/keyspace.md},
 * "Users". Stateless.
 */
final class InterceptStore {

    /** Rules that may be stored. */
    static final int RULES_MAX = 1_000;

    private static final char MARK = 0;

    private static final CommandSpec SET_ROW =
            CommandSpec.of("KVASIR.INTERCEPTS SET", -4, "7.2.0").flags(CommandFlag.WRITE, CommandFlag.NOSCRIPT);
    private static final CommandSpec DELETE_ROW =
            CommandSpec.of("KVASIR.INTERCEPTS DELETE", 3, "7.2.0").flags(CommandFlag.WRITE, CommandFlag.NOSCRIPT);
    private static final CommandError TOO_MANY = new CommandError("ERR at most " + RULES_MAX + " rules can be stored");

    private InterceptStore() {}

    static List<Procedure> procedures(Supplier<CommandTable> table) {
        return List.of(set(table), delete(table));
    }

    /** {@code user what action…}: makes a rule, in place of one about the same calls. */
    static Command.Data set(Supplier<CommandTable> table) {
        return new Command.Data(SET_ROW, arguments -> new Change(Intercept.parse(arguments, table.get())));
    }

    /** {@code user what}: takes a rule back; answers how many there were. */
    static Command.Data delete(Supplier<CommandTable> table) {
        return new Command.Data(DELETE_ROW, arguments -> {
            String user = Intercept.parseUser(arguments.next());
            return new Delete(field(user, Intercept.parseWhat(arguments.next(), table.get())));
        });
    }

    /** Takes the rules out of what is stored of users, in {@code stored}; returns those that this version knows. */
    static List<Intercept> takeFrom(Map<String, String> stored) {
        List<Intercept> rules = new ArrayList<>();
        stored.entrySet().removeIf(entry -> {
            boolean isRule = isRule(entry.getKey());
            if (isRule) {
                add(entry.getKey(), entry.getValue(), rules);
            }
            return isRule;
        });
        return rules;
    }

    private static boolean isRule(String field) {
        return !field.isEmpty() && field.charAt(0) == MARK;
    }

    private static void add(String field, String action, List<Intercept> rules) {
        int end = field.indexOf(MARK, 1);
        Intercept rule = Intercept.parse(field.substring(1, end), field.substring(end + 1), action);
        if (rule != null) {
            rules.add(rule);
        }
    }

    private static String field(String user, String what) {
        return MARK + user + MARK + what;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private record Change(Intercept rule) implements UserStore.OfUsers {

        @Override
        public CommandSpec spec() {
            return SET_ROW;
        }

        @Override
        public Reply execute(Transaction transaction) throws CommandError {
            HashValue hash = UserStore.open(transaction);
            byte[] field = bytes(field(rule.user(), rule.what()));
            List<Intercept> stored = new ArrayList<>();
            hash.forEach((name, action) -> {
                String text = new String(name, StandardCharsets.ISO_8859_1);
                if (isRule(text)) {
                    add(text, new String(action, StandardCharsets.ISO_8859_1), stored);
                }
                return true;
            });
            rule.requireFree(stored);
            if (stored.size() >= RULES_MAX && hash.get(field) == null) {
                throw TOO_MANY;
            }
            byte[] action = bytes(rule.action().describe());
            hash.claim(new byte[][] {field}, new byte[][] {action});
            hash.put(field, action);
            hash.store();
            return Reply.OK;
        }
    }

    private record Delete(String field) implements UserStore.OfUsers {

        @Override
        public CommandSpec spec() {
            return DELETE_ROW;
        }

        @Override
        public Reply execute(Transaction transaction) throws CommandError {
            HashValue hash = UserStore.open(transaction);
            if (!hash.remove(bytes(field))) {
                return Reply.ZERO;
            }
            hash.store();
            return Reply.ONE;
        }
    }
}
