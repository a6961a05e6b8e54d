package io.kvasir.store.log;

import io.kvasir.proto.id.Epoch;
import io.kvasir.proto.id.RegionId;
import org.jspecify.annotations.Nullable;

/** What a caller asks the engine to make durable. */
sealed interface Change {

    /** {@code entries} is the engine's own array. */
    record Append(GroupLog group, long firstIndex, Entry[] entries) implements Change {}

    record SaveHardState(GroupLog group, HardState state) implements Change {}

    /** {@code memory} takes the place of what was remembered of the entries dropped before; null leaves it. */
    record TruncatePrefix(GroupLog group, long firstKept, byte @Nullable [] memory) implements Change {}

    record TruncateSuffix(GroupLog group, long lastKept) implements Change {}

    record Reset(GroupLog group, long nextIndex) implements Change {}

    record Create(RegionId region, int incarnation, byte[] initialState, long nextIndex, HardState hardState)
            implements Change {}

    record Destroy(RegionId region, int incarnation, Epoch epoch) implements Change {}

    record MarkInstalling(GroupLog group, InstallMark mark) implements Change {}

    /** {@code memory} takes the place of what was remembered of dropped entries; null leaves it. */
    record Installed(GroupLog group, InstallMark mark, byte @Nullable [] memory) implements Change {}

    /** Returns the live replica that this changes; null if it creates or destroys one. */
    default @Nullable GroupLog target() {
        return switch (this) {
            case Append append -> append.group;
            case SaveHardState save -> save.group;
            case TruncatePrefix truncate -> truncate.group;
            case TruncateSuffix truncate -> truncate.group;
            case Reset reset -> reset.group;
            case MarkInstalling marked -> marked.group;
            case Installed installed -> installed.group;
            case Create create -> null;
            case Destroy destroy -> null;
        };
    }

    /** Returns the bytes that this holds in memory, about. */
    default long bytes() {
        long bytes = 64;
        if (this instanceof Append append) {
            for (Entry entry : append.entries) {
                bytes += Format.ENTRY_HEADER_BYTES + entry.data().length;
            }
        } else if (this instanceof Create create) {
            bytes += create.initialState.length;
        } else if (this instanceof TruncatePrefix truncate && truncate.memory != null) {
            bytes += truncate.memory.length;
        } else if (this instanceof Installed installed && installed.memory != null) {
            bytes += installed.memory.length;
        }
        return bytes;
    }
}
