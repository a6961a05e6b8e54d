package io.kvasir.region.range;

import io.kvasir.region.time.DurationCounts;
import java.util.ArrayList;
import java.util.List;

/** How long the batches of a range were in each stage, since it was opened. Safe for any thread. */
public final class StageTimes {

    private final List<DurationCounts> stages = new ArrayList<>();

    StageTimes() {
        for (Stage _ : Stage.values()) {
            stages.add(new DurationCounts());
        }
    }

    void add(Stage stage, long nanos) {
        stages.get(stage.ordinal()).add(nanos);
    }

    /** Returns the times of {@code stage}. */
    public DurationCounts of(Stage stage) {
        return stages.get(stage.ordinal());
    }
}
