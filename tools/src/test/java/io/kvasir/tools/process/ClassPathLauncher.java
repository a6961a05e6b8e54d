package io.kvasir.tools.process;

import io.kvasir.tools.launch.Kvasir;
import java.nio.file.Path;
import java.util.List;

/** The launcher that users have as a process of its own, whose nodes run from the classes of this build. */
public final class ClassPathLauncher {

    private ClassPathLauncher() {}

    /** Runs the launcher: the arguments are the launcher's. */
    public static void main(String[] arguments) {
        System.exit(Kvasir.run(List.of(arguments), BuiltProgram::installation, System.out, System.err));
    }

    /** Returns the command to which the launcher's arguments are added. */
    public static List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx64m",
                "-cp",
                System.getProperty("java.class.path"),
                ClassPathLauncher.class.getName());
    }
}
