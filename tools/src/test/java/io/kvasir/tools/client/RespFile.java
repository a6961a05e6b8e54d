package io.kvasir.tools.client;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A file of commands as {@code redis-cli --pipe} reads them. Confined to one thread. */
final class RespFile implements AutoCloseable {

    private static final byte[] LINE_END = {'\r', '\n'};

    private final OutputStream out;
    private int commands;

    RespFile(Path file) throws IOException {
        out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16);
    }

    /** Appends a command of UTF-8 words. */
    void command(String... words) throws IOException {
        command(List.of(words));
    }

    /** Appends a command of UTF-8 words. */
    void command(List<String> words) throws IOException {
        header('*', words.size());
        for (String word : words) {
            byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
            header('$', bytes.length);
            out.write(bytes);
            out.write(LINE_END);
        }
        commands++;
    }

    /** Returns how many commands it has. */
    int commands() {
        return commands;
    }

    @Override
    public void close() throws IOException {
        out.close();
    }

    private void header(char kind, int count) throws IOException {
        out.write(kind);
        out.write(Integer.toString(count).getBytes(StandardCharsets.US_ASCII));
        out.write(LINE_END);
    }
}
