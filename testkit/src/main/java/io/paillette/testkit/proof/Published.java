package io.paillette.testkit.proof;

import io.paillette.testkit.Peer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Properties;
import java.util.regex.Pattern;

/** What tests run and somebody else has published. Each says its version itself, so no page and no test types one. */
public enum Published {
    /** On the class path of the tests. */
    KAFKA_CLIENTS {
        @Override
        public String version() {
            return clients();
        }
    },
    KAFKA_4 {
        @Override
        public String version() {
            return Peer.KAFKA_4.version();
        }
    },
    KAFKA_3 {
        @Override
        public String version() {
            return Peer.KAFKA_3.version();
        }
    },
    KAFKA_STREAMS {
        @Override
        public String version() {
            return Peer.streamsVersion();
        }
    },
    DEBEZIUM {
        @Override
        public String version() {
            return Peer.debeziumVersion();
        }
    },
    DEBEZIUM_JDBC_SINK {
        @Override
        public String version() {
            return Peer.sinkVersion("debezium-connector-jdbc");
        }
    },
    MONGODB_SINK {
        @Override
        public String version() {
            return Peer.sinkVersion("mongo-kafka-connect");
        }
    },
    /** Of the machine: the one that the build does not choose. */
    KCAT {
        @Override
        public String version() {
            return kcat();
        }
    };

    private static final Pattern KCAT_TELLS = Pattern.compile("Version (\\S+) .*librdkafka (\\S+)");

    public abstract String version();

    private static String clients() {
        var told = new Properties();
        try (var file = Published.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            if (file == null) {
                throw new IllegalStateException("kafka-clients is not on this class path");
            }
            told.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException("kafka-clients does not tell its version", e);
        }
        return told.getProperty("version");
    }

    private static String kcat() {
        String told;
        try {
            Process kcat =
                    new ProcessBuilder("kcat", "-V").redirectErrorStream(true).start();
            told = new String(kcat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("kcat does not tell its version", e);
        }
        var versions = KCAT_TELLS.matcher(told);
        if (!versions.find()) {
            throw new IllegalStateException("no version in what kcat -V says: " + told);
        }
        return versions.group(1) + ", librdkafka " + versions.group(2);
    }
}
