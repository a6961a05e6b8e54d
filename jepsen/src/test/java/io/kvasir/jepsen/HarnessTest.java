package io.kvasir.jepsen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import clojure.java.api.Clojure;
import clojure.lang.IFn;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Runs the tests that the harness has of itself, each {@code deftest} as a test of its own. */
final class HarnessTest {

    private static final String RUNNER = "kvasir.jepsen.test-runner";

    private static IFn function(String name) {
        Clojure.var("clojure.core", "require").invoke(Clojure.read(RUNNER));
        return Clojure.var(RUNNER, name);
    }

    @TestFactory
    Stream<DynamicTest> harness() {
        List<?> names = (List<?>) function("test-names").invoke();
        assertTrue(names.size() > 30, () -> "only " + names);
        return names.stream().map(name -> DynamicTest.dynamicTest(String.valueOf(name), () -> run(name)));
    }

    private static void run(Object name) {
        Map<?, ?> result = (Map<?, ?>) function("run").invoke(name);
        if (!"pass".equals(result.get("outcome"))) {
            fail(String.valueOf(result.get("text")));
        }
    }

    @Test
    void nothingIsCalledByReflection() {
        assertEquals("", function("reflection-warnings").invoke());
    }
}
