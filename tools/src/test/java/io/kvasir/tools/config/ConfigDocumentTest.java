package io.kvasir.tools.config;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class ConfigDocumentTest {

    private static final String MARK = "<!-- made by ConfigDocument.markdown(); ConfigDocumentTest compares -->\n";

    /** To renew the document, put what this test expected below its mark. */
    @Test
    void everyFieldIsDocumented() throws IOException {
        String document =
                Files.readString(Path.of(System.getProperty("kvasir.root", ".."), "docs", "configuration.md"));
        assertEquals(ConfigDocument.markdown(), document.substring(document.indexOf(MARK) + MARK.length()));
    }
}
