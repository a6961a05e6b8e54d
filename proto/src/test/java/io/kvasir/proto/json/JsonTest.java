package io.kvasir.proto.json;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {

    @Test
    void whatIsWrittenIsReadBack() {
        Json json = Json.of(
                "name",
                "a \"quoted\" \\ line\nand \u0001 \ud83d\ude00",
                "number",
                -7L,
                "yes",
                true,
                "none",
                new Json.Nothing(),
                "list",
                Json.array(List.of(1, "two", Json.of(), Json.array(List.of()))));
        assertEquals(json, Json.parse(json.text()));
        assertEquals(json, Json.parse(" " + json.text().replace(",", " ,\t ") + "\n"));
    }

    @Test
    void membersKeepTheirOrder() {
        assertEquals(
                "{\"b\":1,\"a\":[2,null]}",
                Json.parse("{\"b\":1, \"a\":[2,null]}").text());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "\"x", "tru", "1 2", "1.5", "\"\\u12\"", "\"\\q\"", "-"
            })
    void whatIsNoJsonIsRefused(String text) {
        assertThrows(IllegalArgumentException.class, () -> Json.parse(text));
    }

    @Test
    void nestingIsBounded() {
        assertThrows(IllegalArgumentException.class, () -> Json.parse("[".repeat(100_000)));
    }
}
