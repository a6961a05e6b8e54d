package io.kvasir.store.engine;

import java.nio.file.Path;

/** Each engine, with the same small settings and the same way to lose power. */
enum EngineUnderTest {
    MEMORY {
        @Override
        Engine open(Path directory) {
            return new MemoryEngine();
        }

        @Override
        Engine crash(Engine engine, Path directory) {
            ((MemoryEngine) engine).crash();
            return engine;
        }
    },
    ROCKS {
        @Override
        Engine open(Path directory) {
            return RocksEngine.open(DataDirectory.open(directory), SMALL, fault -> {
                throw fault;
            });
        }

        @Override
        Engine crash(Engine engine, Path directory) {
            ((RocksEngine) engine).closeWithoutFlush();
            return open(directory);
        }
    };

    static final EngineSettings SMALL = new EngineSettings(32 << 20, 6 << 20, 2, 1L << 30, 256, 1 << 20, 4 << 10, 10);

    abstract Engine open(Path directory);

    /** Loses what is not flushed; returns the engine that goes on. */
    abstract Engine crash(Engine engine, Path directory);
}
