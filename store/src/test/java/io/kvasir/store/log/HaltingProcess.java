package io.kvasir.store.log;

import io.kvasir.proto.id.RegionId;
import io.kvasir.store.disk.SimulatedDisk;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A process whose log fails to sync: it prints "failing" and must not live to print "alive". */
final class HaltingProcess {

    private HaltingProcess() {}

    static void main(String[] arguments) throws IOException {
        SimulatedDisk disk = new SimulatedDisk(1);
        LogEngine engine = LogEngine.open(disk, Path.of("/log"), LogSettings.PRODUCTION, FaultHandler.halting());
        engine.create(new RegionId(1), 1, new byte[0]);
        disk.failSyncAfter(1);
        System.out.println("failing");
        try {
            engine.find(new RegionId(1)).orElseThrow().append(1, List.of(new Entry(1, Entry.DATA, new byte[10])));
        } finally {
            System.out.println("alive");
        }
    }
}
