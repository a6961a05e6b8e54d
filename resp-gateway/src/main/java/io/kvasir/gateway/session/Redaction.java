package io.kvasir.gateway.session;

import io.kvasir.gateway.command.Arguments;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Takes passwords out of commands before they are shown to anybody: by MONITOR, SLOWLOG and the audit log (redis
 * networking.c, redactClientCommandArgument). Stateless.
 */
final class Redaction {

    private static final byte[] REDACTED = "(redacted)".getBytes(StandardCharsets.US_ASCII);

    /** Where the options of MIGRATE begin. */
    private static final int MIGRATE_OPTIONS_AT = 6;

    private static final int CONFIG_NAMES_AT = 2;
    private static final int SETUSER_RULES_AT = 3;

    private Redaction() {}

    /** Returns {@code words} as others may see them; the same array if nothing in it is secret. */
    static byte[][] of(byte[][] words) {
        return switch (upper(words, 0)) {
            case "AUTH" -> without(words, 1, words.length);
            case "HELLO" -> afterAuth(words);
            case "MIGRATE" -> ofMigrate(words);
            case "ACL" -> upper(words, 1).equals("SETUSER") ? ofRules(words) : words;
            case "CONFIG" -> upper(words, 1).equals("SET") ? ofSettings(words) : words;
            default -> words;
        };
    }

    private static byte[][] afterAuth(byte[][] words) {
        for (int i = 1; i < words.length; i++) {
            if (Arguments.equalsIgnoreCase(words[i], "AUTH")) {
                return without(words, i + 1, i + 3);
            }
        }
        return words;
    }

    private static byte[][] ofMigrate(byte[][] words) {
        byte[][] shown = words;
        for (int i = MIGRATE_OPTIONS_AT; i < words.length && !Arguments.equalsIgnoreCase(words[i], "KEYS"); i++) {
            int secrets = Arguments.equalsIgnoreCase(words[i], "AUTH")
                    ? 1
                    : Arguments.equalsIgnoreCase(words[i], "AUTH2") ? 2 : 0;
            if (secrets > 0) {
                shown = without(shown, i + 1, i + 1 + secrets);
                i += secrets;
            }
        }
        return shown;
    }

    /** Of the rules of a user those that are passwords, or hashes of passwords. */
    private static byte[][] ofRules(byte[][] words) {
        byte[][] shown = words;
        for (int i = SETUSER_RULES_AT; i < words.length; i++) {
            if (words[i].length > 0 && "><#!".indexOf(words[i][0]) >= 0) {
                shown = without(shown, i, i + 1);
            }
        }
        return shown;
    }

    private static byte[][] ofSettings(byte[][] words) {
        byte[][] shown = words;
        for (int i = CONFIG_NAMES_AT; i + 1 < words.length; i += 2) {
            if (Settings.isSecret(Rows.text(words[i]))) {
                shown = without(shown, i + 1, i + 2);
            }
        }
        return shown;
    }

    private static byte[][] without(byte[][] words, int from, int to) {
        byte[][] shown = words.clone();
        for (int i = from; i < Math.min(to, words.length); i++) {
            shown[i] = REDACTED;
        }
        return shown;
    }

    private static String upper(byte[][] words, int at) {
        return at < words.length ? Rows.text(words[at]).toUpperCase(Locale.ROOT) : "";
    }
}
