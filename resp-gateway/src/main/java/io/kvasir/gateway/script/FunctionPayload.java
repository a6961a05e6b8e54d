package io.kvasir.gateway.script;

import io.kvasir.gateway.command.CommandError;
import io.kvasir.gateway.rdb.CorruptRdbException;
import io.kvasir.gateway.rdb.DumpPayload;
import io.kvasir.gateway.rdb.RdbInput;
import io.kvasir.gateway.rdb.RdbOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** All libraries as FUNCTION DUMP answers them: for each a byte and its code, then the footer of DUMP. Stateless. */
final class FunctionPayload {

    /** RDB_OPCODE_FUNCTION2. */
    private static final int LIBRARY = 245;

    /** RDB_OPCODE_FUNCTION_PRE_GA: of release candidates of Redis 7.0. */
    private static final int EARLY_LIBRARY = 246;

    private static final CommandError BAD_FOOTER = new CommandError("ERR DUMP payload version or checksum are wrong");
    private static final CommandError EARLY = new CommandError("ERR Pre-GA function format not supported");
    private static final CommandError NO_FUNCTION = new CommandError("ERR given type is not a function");
    private static final CommandError BROKEN = new CommandError("ERR Failed loading library payload");

    private FunctionPayload() {}

    static byte[] encode(Functions functions) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        RdbOutput out = new RdbOutput(bytes);
        try {
            for (FunctionLibrary library : functions.libraries()) {
                out.writeByte(LIBRARY);
                out.writeString(library.code());
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
        return DumpPayload.seal(bytes.toByteArray());
    }

    /**
     * Returns the codes of the libraries in {@code payload}.
     *
     * @throws CommandError with Redis' text if it holds none such
     */
    static List<byte[]> decode(byte[] payload) throws CommandError {
        if (!DumpPayload.isIntact(payload)) {
            throw BAD_FOOTER;
        }
        RdbInput in = RdbInput.of(payload, payload.length - DumpPayload.FOOTER_BYTES);
        List<byte[]> codes = new ArrayList<>();
        try {
            while (in.remaining() > 0) {
                switch (in.readByte()) {
                    case LIBRARY -> codes.add(in.readString());
                    case EARLY_LIBRARY -> throw EARLY;
                    default -> throw NO_FUNCTION;
                }
            }
        } catch (CorruptRdbException corrupt) {
            throw BROKEN;
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
        return codes;
    }
}
