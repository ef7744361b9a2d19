package io.paillette.broker.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.paillette.capture.catalog.UnixSockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URLEncoder;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Postgres server on 127.0.0.1 with {@code wal_level=logical}, user {@code postgres}, no password; durable (fsync on).
 *
 * <p>The server is not a child that dies with the broker: it has a session of its own, so that Ctrl-C reaches only the
 * broker, and it outlives a broker that was killed. The next start adopts it. One thread watches it and starts it again
 * when it dies.
 */
public final class EmbeddedPostgres implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);

    /** So long may it be dead before it is started again, which takes longer. */
    private static final Duration WATCH_INTERVAL = Duration.ofMillis(500);

    private static final Duration START_POLL = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);
    /** Crash recovery reads WAL; this is far beyond what max_wal_size leaves to read. */
    private static final Duration START_TIMEOUT = Duration.ofMinutes(10);

    private static final Duration ORPHAN_TIMEOUT = Duration.ofSeconds(30);
    private static final long START_LOG_BYTES = 1024 * 1024;

    private final DataDirectory directory;
    private final int port;
    private final Programs programs;
    private final FileChannel lock;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread watcher = new Thread(this::watch, "embedded-postgres");
    private Optional<PostmasterFile.Postmaster> watched = Optional.empty(); // of the watcher alone
    private volatile boolean running;

    private EmbeddedPostgres(DataDirectory directory, int port, Programs programs, FileChannel lock) {
        this.directory = directory;
        this.port = port;
        this.programs = programs;
        this.lock = lock;
    }

    /**
     * Starts the server, or adopts the one that a killed broker left, and returns when it takes connections.
     *
     * @param dataDir everything of it is below; made when it is not there
     * @param port    on 127.0.0.1
     * @throws EmbeddedPostgresException when it cannot run; the message says what to do
     */
    public static EmbeddedPostgres start(Path dataDir, int port)
            throws EmbeddedPostgresException, InterruptedException {
        var directory = new DataDirectory(dataDir.toAbsolutePath().normalize());
        try {
            Files.createDirectories(directory.root());
            FileChannel lock = lock(directory);
            boolean started = false;
            try {
                Programs programs = Programs.of(PostgresBinaries.unpack(directory.binaries()));
                if (!directory.isInitialized()) {
                    LOG.info("making a Postgres data directory in {}", directory.data());
                    directory.initialize(programs);
                }
                directory.checkVersion(programs);
                var postgres = new EmbeddedPostgres(directory, port, programs, lock);
                postgres.ensureRunning();
                postgres.watcher.start();
                started = true;
                return postgres;
            } finally {
                if (!started) {
                    lock.close();
                }
            }
        } catch (IOException e) {
            throw new EmbeddedPostgresException(
                    "the embedded Postgres cannot use " + dataDir + " (" + e
                            + "): check permissions and free space, or set data.dir to another directory",
                    e);
        }
    }

    /** Through the server's Unix-domain socket, where it has one: the same work costs more CPU through TCP (ADR 20). */
    public String jdbcUrl() {
        String url = "jdbc:postgresql://127.0.0.1:" + port + "/postgres?user=postgres";
        Path socket = directory.socket(port);
        return Files.exists(socket)
                ? url + "&sslmode=disable&gssEncMode=disable&socketFactory=" + UnixSockets.class.getName()
                        + "&socketFactoryArg=" + URLEncoder.encode(socket.toString(), UTF_8)
                : url;
    }

    public int port() {
        return port;
    }

    /** False from the moment the server was found dead until it takes connections again. */
    public boolean isRunning() {
        return running;
    }

    /** Stops the server: connections are cut, everything committed is on disk (a fast shutdown). */
    @Override
    public void close() {
        closing.countDown();
        boolean interrupted = false;
        try {
            watcher.join();
            stop();
        } catch (InterruptedException e) {
            interrupted = true;
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded Postgres did not stop", e);
        } finally {
            running = false;
            release();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void release() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new UncheckedIOException(directory.lock() + " could not be closed", e);
        }
    }

    private static FileChannel lock(DataDirectory directory) throws IOException, EmbeddedPostgresException {
        FileChannel channel = FileChannel.open(directory.lock(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        if (tryLock(channel) == null) {
            channel.close();
            throw new EmbeddedPostgresException(
                    "another Paillette uses " + directory.root() + ": stop it, or set data.dir to another directory");
        }
        return channel;
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // The same JVM has it: as good as another process.
            return null;
        }
    }

    private void ensureRunning() throws IOException, InterruptedException, EmbeddedPostgresException {
        if (adopt()) {
            LOG.info("the embedded Postgres was left running on port {}: going on with it", port);
        } else {
            startServer();
        }
        running = true;
    }

    /** True when a server of ours runs on this directory and port, and takes connections. */
    private boolean adopt() throws IOException, InterruptedException, EmbeddedPostgresException {
        long deadline = System.nanoTime() + START_TIMEOUT.toNanos();
        while (System.nanoTime() < deadline) {
            Optional<PostmasterFile> found = PostmasterFile.read(directory.data());
            if (found.isEmpty()) {
                return false;
            }
            PostmasterFile server = found.get();
            if (!server.isAlive(directory.data())) {
                // Left by a server that was killed. Its number may be somebody else's now, which Postgres cannot tell.
                Files.deleteIfExists(PostmasterFile.path(directory.data()));
                return false;
            }
            if (server.isReady() && server.port() == port) {
                return true;
            }
            if (server.isReady()) {
                LOG.info("the embedded Postgres was left running on port {}: restarting it on {}", server.port(), port);
                stop();
            }
            pause(START_POLL);
        }
        throw new EmbeddedPostgresException("the Postgres that was left running in " + directory.data()
                + " did not become ready in " + START_TIMEOUT.toMinutes() + " minutes: see " + directory.root()
                + "/log, and stop it");
    }

    private void startServer() throws IOException, InterruptedException, EmbeddedPostgresException {
        checkPort();
        directory.clearSocket(port);
        directory.writeSettings(port);
        if (Files.exists(directory.startLog()) && Files.size(directory.startLog()) > START_LOG_BYTES) {
            Files.delete(directory.startLog());
        }
        long deadline = System.nanoTime() + ORPHAN_TIMEOUT.toNanos();
        while (true) {
            Programs.Outcome outcome = programs.run(
                    directory.root(),
                    "pg_ctl",
                    "start",
                    "--silent",
                    "--wait",
                    "--timeout=" + START_TIMEOUT.toSeconds(),
                    "--pgdata=" + directory.data(),
                    "--log=" + directory.startLog());
            if (outcome.isSuccess()) {
                return;
            }
            String log = directory.logTail();
            // Backends of a killed server hold its shared memory until they notice; that takes them moments.
            boolean orphans = log.contains("pre-existing shared memory block");
            if (!orphans || System.nanoTime() > deadline) {
                throw new EmbeddedPostgresException(
                        "the embedded Postgres did not start; it says: " + lastLine(log, outcome.output())
                                + " (all of it: " + directory.startLog() + " and " + directory.root() + "/log)");
            }
            pause(START_POLL);
        }
    }

    private static String lastLine(String log, String otherwise) {
        return log.lines()
                .filter(line -> line.contains("FATAL") || line.contains("PANIC"))
                .reduce((first, second) -> second)
                .orElse(otherwise.lines().findFirst().orElse("nothing"));
    }

    private void checkPort() throws IOException, EmbeddedPostgresException {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
        } catch (BindException e) {
            throw new EmbeddedPostgresException(
                    "port " + port
                            + " of 127.0.0.1 is in use: stop what listens there, or set embedded.port to a free port",
                    e);
        }
    }

    private void stop() throws IOException, InterruptedException {
        Optional<PostmasterFile> server = PostmasterFile.read(directory.data());
        if (server.isEmpty() || !server.get().isAlive(directory.data())) {
            return;
        }
        Programs.Outcome outcome = programs.run(
                directory.root(),
                "pg_ctl",
                "stop",
                "--silent",
                "--wait",
                "--mode=fast",
                "--timeout=60",
                "--pgdata=" + directory.data());
        if (!outcome.isSuccess() && PostmasterFile.read(directory.data()).isPresent()) {
            LOG.warn("the embedded Postgres did not stop: {}", outcome.output());
        }
    }

    private void watch() {
        Duration pause = WATCH_INTERVAL;
        try {
            while (!closing.await(pause.toMillis(), TimeUnit.MILLISECONDS)) {
                pause = check() ? WATCH_INTERVAL : min(pause.multipliedBy(2), LONGEST_PAUSE);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Starts the server again when it is dead; false when that did not work. */
    private boolean check() throws InterruptedException {
        try {
            // Most of the time it is the process of the last look; its file need not be read again for that.
            if (watched.isPresent() && watched.get().isAlive()) {
                return true;
            }
            watched = postmaster();
            if (watched.isPresent()) {
                return true;
            }
            if (running) {
                running = false;
                LOG.warn("the embedded Postgres died: starting it again");
            }
            ensureRunning();
            LOG.info("the embedded Postgres is back on port {}", port);
            return true;
        } catch (IOException | EmbeddedPostgresException e) {
            LOG.error("the embedded Postgres could not be started again; trying on: {}", e.getMessage());
            return false;
        }
    }

    private Optional<PostmasterFile.Postmaster> postmaster() throws IOException {
        Optional<PostmasterFile> server = PostmasterFile.read(directory.data());
        return server.isPresent() ? server.get().process(directory.data()) : Optional.empty();
    }

    private static void pause(Duration duration) throws InterruptedException {
        TimeUnit.NANOSECONDS.sleep(duration.toNanos());
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
