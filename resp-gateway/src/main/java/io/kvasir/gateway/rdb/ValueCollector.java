package io.kvasir.gateway.rdb;

import io.kvasir.gateway.type.StreamEntry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Puts one value together in memory, and sees that no member is there twice. Confined to one thread. */
public final class ValueCollector implements ValueSink {

    private final RdbInput in;
    private final long bytesMax;
    private final List<byte[]> elements = new ArrayList<>();
    private final List<byte[]> values = new ArrayList<>();
    private final List<Double> scores = new ArrayList<>();
    private final Set<ByteBuffer> seen = new HashSet<>();
    private @Nullable RdbValue value;
    private long bytes;

    /**
     * Makes a collector of what is read from {@code in}.
     *
     * @param bytesMax most bytes of the value's parts in all
     */
    public ValueCollector(RdbInput in, long bytesMax) {
        this.in = in;
        this.bytesMax = bytesMax;
    }

    /**
     * Returns the value.
     *
     * @throws CorruptRdbException if it is a collection without elements
     */
    public RdbValue value() throws CorruptRdbException {
        RdbValue collected = value;
        if (collected == null) {
            throw in.corrupt("a collection without elements");
        }
        return collected;
    }

    @Override
    public void string(byte[] string) throws IOException {
        count(string.length);
        value = new RdbValue.Text(string);
    }

    @Override
    public void listElement(byte[] element) throws IOException {
        count(element.length);
        elements.add(element);
        value = value == null ? new RdbValue.Sequence(elements) : value;
    }

    @Override
    public void setMember(byte[] member) throws IOException {
        count(member.length);
        requireNew(member);
        elements.add(member);
        value = value == null ? new RdbValue.Members(elements) : value;
    }

    @Override
    public void hashField(byte[] field, byte[] fieldValue) throws IOException {
        count((long) field.length + fieldValue.length);
        requireNew(field);
        elements.add(field);
        values.add(fieldValue);
        value = value == null ? new RdbValue.Fields(elements, values) : value;
    }

    @Override
    public void zsetMember(byte[] member, double score) throws IOException {
        count(member.length);
        requireNew(member);
        elements.add(member);
        scores.add(score);
        value = value == null ? new RdbValue.Scores(elements, scores) : value;
    }

    @Override
    public void stream(RdbStream stream) throws IOException {
        for (List<StreamEntry> node : stream.nodes()) {
            for (StreamEntry entry : node) {
                count(entry.bytes());
            }
        }
        value = stream;
    }

    private void count(long more) throws CorruptRdbException {
        bytes += more;
        if (bytes > bytesMax) {
            throw in.corrupt("a value of more than " + bytesMax + " bytes");
        }
    }

    private void requireNew(byte[] element) throws CorruptRdbException {
        if (!seen.add(ByteBuffer.wrap(element))) {
            throw in.corrupt("an element that is there twice");
        }
    }
}
