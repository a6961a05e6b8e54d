package io.kvasir.tools.process;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Marks a parameter of a test that is a {@link LaunchedCluster} shared by all tests of the process that ask for the
 * same one: started when the first asks, closed at the end. A test that uses it keeps to keys of its own, and stops no
 * node.
 */
@Target(ElementType.PARAMETER)
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SharedCluster.Resolver.class)
public @interface SharedCluster {

    /** Number of nodes. */
    int nodes();

    /** Fields of the configuration, {@code key=value}. */
    String[] fields() default {};

    /** Starts and keeps the clusters. */
    final class Resolver implements ParameterResolver {

        private static final Namespace NAMESPACE = Namespace.create(SharedCluster.class);

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.isAnnotated(SharedCluster.class);
        }

        @Override
        public LaunchedCluster resolveParameter(ParameterContext parameter, ExtensionContext context) {
            SharedCluster wanted = parameter.findAnnotation(SharedCluster.class).orElseThrow();
            return context.getRoot()
                    .getStore(NAMESPACE)
                    .computeIfAbsent(
                            wanted.toString(),
                            key -> LaunchedCluster.start(wanted.nodes(), wanted.fields()),
                            LaunchedCluster.class);
        }
    }
}
