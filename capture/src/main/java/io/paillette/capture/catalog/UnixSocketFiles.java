package io.paillette.capture.catalog;

import io.paillette.capture.CaptureSettings.Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.postgresql.Driver;

/** Where the server of a URL may have its Unix-domain socket (docs: unix_socket_directories). */
final class UnixSocketFiles {

    private static final String AUTO = "auto";
    private static final String OFF = "off";

    /** Debian's packages and Red Hat's; Postgres' own default. */
    private static final List<String> USUAL_DIRECTORIES = List.of("/var/run/postgresql", "/tmp");

    private static final Set<String> THIS_MACHINE = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

    private UnixSocketFiles() {}

    /** Whether the user named the directory, so that nothing else will do. */
    static boolean isNamed(Server server) {
        return !server.unixSocket().equals(AUTO) && !server.unixSocket().equals(OFF);
    }

    /** Those to try, in this order; whether they are the server's own is to be seen. */
    static List<Path> of(Server server) {
        Properties parsed = Driver.parseURL(server.jdbcUrl(), new Properties());
        if (parsed == null || server.unixSocket().equals(OFF)) {
            return List.of();
        }
        String file = ".s.PGSQL." + parsed.getProperty("PGPORT");
        if (isNamed(server)) {
            return List.of(Path.of(server.unixSocket(), file));
        }
        return leadsHere(parsed)
                ? Stream.of(USUAL_DIRECTORIES)
                        .flatMap(List::stream)
                        .map(directory -> Path.of(directory, file))
                        .filter(Files::exists)
                        .toList()
                : List.of();
    }

    /** What a URL asks of encryption or of its own sockets, it asks of TCP. */
    private static boolean leadsHere(Properties parsed) {
        return THIS_MACHINE.contains(parsed.getProperty("PGHOST"))
                && parsed.stringPropertyNames().stream()
                        .noneMatch(name -> name.startsWith("ssl")
                                || name.startsWith("gss")
                                || name.startsWith("socketFactory")
                                || name.equals("channelBinding"));
    }
}
