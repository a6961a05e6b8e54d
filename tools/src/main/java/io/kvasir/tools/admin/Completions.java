package io.kvasir.tools.admin;

import io.kvasir.proto.json.Json;
import io.kvasir.tools.admin.AdminApi.Unreachable;
import io.kvasir.tools.config.ConfigException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jline.reader.Candidate;
import org.jline.reader.Completer;
import org.jline.reader.LineReader;
import org.jline.reader.ParsedLine;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * What may follow in a line of the shell: commands, their verbs, and the stores, ranges, schedulers and operators that
 * the cluster has. The cluster is asked when Tab is pressed where such a name may stand; if nobody answers, nothing is
 * offered. Used by one thread.
 */
final class Completions implements Completer {

    /**
     * Lines by their words. A word in capitals is a name of the cluster's: STORE, RANGE, SCHEDULER or OPERATOR; any
     * other in capitals is the user's to choose.
     */
    private static final List<List<String>> LINES = Stream.of(
                    "cluster",
                    "store STORE",
                    "range RANGE",
                    "range key KEY",
                    "operator show",
                    "operator add transfer-leader RANGE STORE",
                    "operator add split-region RANGE --slot",
                    "operator add split-region RANGE --key",
                    "operator remove OPERATOR",
                    "scheduler show",
                    "scheduler describe SCHEDULER",
                    "scheduler pause SCHEDULER SECONDS",
                    "scheduler resume SCHEDULER",
                    "hot read",
                    "hot write",
                    "hot store",
                    "hot history",
                    "config show",
                    "config set replicas",
                    "config set down-seconds",
                    "member",
                    "tso",
                    "history show",
                    "history retention DATABASE SECONDS",
                    "history hold NAME TIME SECONDS",
                    "history release NAME",
                    "health",
                    "help",
                    "exit")
            .map(line -> List.of(line.split(" ")))
            .toList();

    /** Where in the answer to {@code overview} the names of a kind are, and the member that is the name. */
    private record Place(String list, String name) {}

    private static final Map<String, Place> PLACES = Map.of(
            "STORE", new Place("stores", "id"),
            "RANGE", new Place("ranges", "id"),
            "SCHEDULER", new Place("schedulers", "name"),
            "OPERATOR", new Place("operators", "id"));

    private final Ctl ctl;

    /** @param flags that say which cluster to ask */
    Completions(Ctl ctl, List<String> flags) {
        this.ctl = ctl;
        new CommandLine(ctl).parseArgs(flags.toArray(String[]::new));
    }

    /** Returns the first words of all lines. */
    static List<String> commands() {
        return LINES.stream().map(List::getFirst).distinct().toList();
    }

    @Override
    public void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        after(line.words().subList(0, line.wordIndex())).forEach(word -> candidates.add(new Candidate(word)));
    }

    /** Returns what may follow {@code words}. */
    List<String> after(List<String> words) {
        List<String> next = LINES.stream()
                .filter(line -> line.size() > words.size() && begins(line, words))
                .map(line -> line.get(words.size()))
                .distinct()
                .toList();
        List<String> all = new ArrayList<>();
        @Nullable Json overview = null;
        for (String word : next) {
            if (!isPlaceholder(word)) {
                all.add(word);
            } else if (PLACES.containsKey(word)) {
                overview = overview == null ? overview() : overview;
                all.addAll(names(overview, word));
            }
        }
        return all;
    }

    private static boolean begins(List<String> line, List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            if (!isPlaceholder(line.get(i)) && !line.get(i).equals(words.get(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean isPlaceholder(String word) {
        return Character.isUpperCase(word.charAt(0));
    }

    private Json overview() {
        try {
            return ctl.api().ask("overview", Map.of(), false).body();
        } catch (Unreachable | ConfigException nobody) {
            return Json.of();
        }
    }

    private static List<String> names(Json overview, String kind) {
        Place place = PLACES.get(kind);
        if (place == null || !(overview instanceof Json.Members(Map<String, Json> members))) {
            return List.of();
        }
        Json list = members.get(place.list);
        if (list instanceof Json.Members(Map<String, Json> ranges)) {
            list = ranges.get("lines");
        }
        return list instanceof Json.Elements(List<Json> lines)
                ? lines.stream().flatMap(line -> name(line, place.name)).toList()
                : List.of();
    }

    private static Stream<String> name(Json line, String member) {
        Json name = line instanceof Json.Members(Map<String, Json> members) ? members.get(member) : null;
        return switch (name) {
            case Json.Whole(long number) -> Stream.of(Long.toString(number));
            case Json.Text(String text) -> Stream.of(text);
            case null, default -> Stream.of();
        };
    }
}
