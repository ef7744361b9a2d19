package io.paillette.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.cli.ReadyLine;
import io.paillette.broker.cli.remote.RemoteCommands;
import io.paillette.testkit.PostgresServer;
import io.paillette.testkit.PostgresServer.Database;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/**
 * Runs the guides: starts a broker with what a page's {@code properties} say (those that do not name a source are added to those
 * before, in place of those with the same keys), writes its {@code js} and {@code lua} to functions.js and functions.lua and its {@code java} to a
 * file, executes its {@code sql} and the commands of its {@code sh}, and waits until the last one answers what {@code text} says. What SQL is
 * told of a topic, a consumer is told as well.
 */
class GuidesTest {

    private static final Path GUIDES = Path.of("..", "docs", "guides");

    /** With a Connect worker, so by SinksIT of acceptance. */
    private static final String RUN_ELSEWHERE = "sinks.md";

    private static final Pattern BLOCK = Pattern.compile("```(\\w+)\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern RECORDS = Pattern.compile("paillette\\.records(?:_text)?\\('([^']+)', (\\d+)");
    private static final Pattern QUOTE = Pattern.compile("\\$\\$");

    /** As a shell has them: with quotes around those that have blanks. */
    private static final Pattern WORD = Pattern.compile("\"([^\"]*)\"|(\\S+)");

    private static final List<String> OVER_HTTP = List.of("sequence", "backfill", "replay", "rewind");
    private static final Pattern MILLISECONDS = Pattern.compile("\\d+\\.\\d+ ms");
    private static final Pattern FUNCTIONS = Pattern.compile(" (functions\\.\\w+)");
    private static final String COMPILES = "GOOS=wasip1 ";

    /** Made by functions/src/test/go/make, of what the page says. */
    private static final Path COMPILED =
            Path.of("..", "functions", "src", "test", "resources", "io", "paillette", "function", "guide.wasm");

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Database database = PostgresServer.shared().newDatabase();

    @TempDir
    Path directory;

    private record Block(String language, String text) {}

    static Stream<String> pages() throws IOException {
        try (var files = Files.walk(GUIDES)) {
            return files
                    .map(file -> GUIDES.relativize(file).toString())
                    .filter(name -> name.endsWith(".md") && !name.equals(RUN_ELSEWHERE))
                    .sorted()
                    .toList()
                    .stream();
        }
    }

    @ParameterizedTest
    @MethodSource("pages")
    void eachBlockOfThePageDoesWhatItSays(String page) throws Exception {
        List<Block> blocks = BLOCK.matcher(Files.readString(GUIDES.resolve(page)))
                .results()
                .map(found -> new Block(found.group(1), found.group(2)))
                .toList();
        assertThat(blocks).as("what can be run").extracting(Block::language).contains("properties", "sql", "text");
        try (var session = new Session()) {
            for (int i = 0; i < blocks.size(); i++) {
                Block block = blocks.get(i);
                switch (block.language()) {
                    case "properties" -> session.configure(block.text());
                    case "sql" -> session.execute(block.text());
                    case "text" -> session.expect(block.text());
                    case "sh" -> session.run(block.text());
                    case "js", "lua" -> session.write(block.language(), block.text());
                    case "java" -> session.program = new ProgramOfPage(directory, block.text());
                    case "ini" -> {} // of a Connect worker, which there is none of here
                    case "json" -> {} // over HTTP, which RewindTest does
                    case "go" -> assertThat(GUIDES.resolve("go/functions.go")).hasContent(block.text());
                    default -> throw new AssertionError("a block of another kind: " + block);
                }
            }
        }
    }

    /** A broker, as the properties so far say, and the statements that were executed. */
    private final class Session implements AutoCloseable {

        private final StringBuilder properties = new StringBuilder();
        private Optional<FedBroker> broker = Optional.empty();
        private String last = "";
        private Optional<String> printed = Optional.empty(); // by a command after the last statement
        private @Nullable ProgramOfPage program;

        void configure(String more) {
            if (more.startsWith("source.")) {
                properties.setLength(0);
            }
            List<String> keys =
                    more.lines().map(Session::key).filter(key -> !key.isEmpty()).toList();
            String kept = properties
                    .toString()
                    .lines()
                    .filter(line -> !keys.contains(key(line)))
                    .map(line -> line + "\n")
                    .collect(Collectors.joining());
            properties.setLength(0);
            properties.append(kept).append(more);
            close();
        }

        private static String key(String line) {
            return line.substring(0, Math.max(0, line.indexOf('=')));
        }

        /** To the file that the page calls functions and the language. */
        void write(String language, String functions) throws IOException {
            Files.writeString(directory.resolve("functions." + language), functions);
            close();
        }

        void start() throws Exception {
            if (broker.isEmpty() && properties.length() > 0) {
                broker = Optional.of(FedBroker.start(
                                database, directory, properties + "source.app.slot.name=slot_" + database.name() + "\n")
                        .streaming());
            }
        }

        void execute(String sql) throws Exception {
            start();
            for (String statement : statements(sql)) {
                last = statement;
                printed = Optional.empty();
                if (!statement.startsWith("select")) {
                    database.execute(statement);
                }
            }
        }

        void run(String commands) throws Exception {
            for (String command : commands.lines().toList()) {
                if (command.startsWith(COMPILES)) { // which needs Go, so it has been done
                    Files.copy(COMPILED, directory.resolve("functions.wasm"));
                    continue;
                }
                start();
                if (command.startsWith("java ")) {
                    program().start(command, broker.orElseThrow().line().kafka());
                    continue;
                }
                if (command.startsWith("curl ")) {
                    last = command;
                    continue;
                }
                assertThat(command).startsWith("./paillette ");
                var out = new StringWriter();
                var line = new CommandLine(CommandSpec.create());
                RemoteCommands.all().forEach(line::addSubcommand);
                line.setOut(new PrintWriter(out));
                var words = new ArrayList<String>();
                String files = FUNCTIONS
                        .matcher(command.substring(command.indexOf(' ') + 1))
                        .replaceAll(file -> " " + directory.resolve(file.group(1)));
                WORD.matcher(files)
                        .results()
                        .forEach(word -> words.add(Objects.requireNonNullElse(word.group(1), word.group())));
                boolean overHttp = OVER_HTTP.contains(words.get(0));
                words.add(overHttp ? "--http" : "--bootstrap-server");
                ReadyLine ready = broker.orElseThrow().line();
                words.add(overHttp ? ready.http().orElseThrow() : ready.kafka());
                var err = new StringWriter();
                line.setErr(new PrintWriter(err));
                assertThat(line.execute(words.toArray(String[]::new)))
                        .as(command + ": " + err)
                        .isZero();
                printed = Optional.of(out.toString());
            }
        }

        private ProgramOfPage program() {
            return Objects.requireNonNull(program, "the page has no program");
        }

        void expect(String answer) {
            if (last.startsWith("curl ")) {
                program().await(last, answer.strip());
                return;
            }
            if (printed.isPresent()) {
                assertThat(timeless(printed.get())).isEqualTo(timeless(answer));
                return;
            }
            Awaitility.await(last)
                    .atMost(PATIENCE)
                    .ignoreExceptionsInstanceOf(SQLException.class) // the topic is not there yet
                    .untilAsserted(() -> assertThat(answer(last)).isEqualTo(answer.strip()));
            for (MatchResult topic : RECORDS.matcher(last).results().toList()) {
                compare(topic.group(1), Integer.parseInt(topic.group(2)));
            }
        }

        private void compare(String topic, int partition) {
            String all =
                    "select \"offset\", key, value from paillette.records_text('%s', %d, 0, null) where not is_control"
                            .formatted(topic, partition);
            Awaitility.await(topic)
                    .atMost(PATIENCE)
                    .pollInSameThread() // whose the consumer is
                    .untilAsserted(() -> assertThat(broker.orElseThrow().partition(topic, partition, 0).stream()
                                    .map(record -> Stream.of(record.offset(), record.key(), record.value())
                                            .map(part -> Objects.toString(part, ""))
                                            .collect(Collectors.joining("|")))
                                    .collect(Collectors.joining("\n")))
                            .isEqualTo(answer(all)));
        }

        @Override
        public void close() {
            if (program != null) {
                program.close();
            }
            broker.ifPresent(FedBroker::close);
            broker = Optional.empty();
        }
    }

    /** As psql tells them apart: a line that ends with a semicolon ends one, unless a quoted body goes on. */
    private static List<String> statements(String sql) {
        var statements = new ArrayList<String>();
        var statement = new StringBuilder();
        for (String line : sql.lines().toList()) {
            statement.append(line).append('\n');
            boolean quoted = QUOTE.matcher(statement).results().count() % 2 == 1;
            if (!quoted && line.endsWith(";")) {
                statements.add(statement.substring(0, statement.length() - ";\n".length()));
                statement.setLength(0);
            }
        }
        assertThat(statement.toString()).as("a statement without its end").isBlank();
        return statements;
    }

    /** How long something took is another time each time. */
    private static String timeless(String text) {
        return MILLISECONDS.matcher(text).replaceAll("N ms");
    }

    /** As psql shows it with {@code -A -t}. */
    private String answer(String query) throws SQLException {
        try (var connection = database.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery(query)) {
            var lines = new ArrayList<String>();
            while (rows.next()) {
                var line = new ArrayList<String>();
                for (int i = 1; i <= rows.getMetaData().getColumnCount(); i++) {
                    line.add(Objects.requireNonNullElse(rows.getString(i), ""));
                }
                lines.add(String.join("|", line));
            }
            return String.join("\n", lines);
        }
    }
}
