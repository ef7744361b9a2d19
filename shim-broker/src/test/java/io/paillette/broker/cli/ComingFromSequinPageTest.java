package io.paillette.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.config.BrokerKeys;
import io.paillette.broker.config.FeedKeys.SequenceOption;
import io.paillette.capture.CaptureOption;
import io.paillette.capture.envelope.Envelope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.storage.internals.log.LogConfig;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

/** What the page promises to those who come is there: each option, command, SQL function and page that it names as ours. */
final class ComingFromSequinPageTest {

    private static final Path DOCS = Path.of("..", "docs");
    private static final Path PAGE = DOCS.resolve("coming-from-sequin.md");
    private static final Path SQL = Path.of("src", "main", "resources", "sql");

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern LINK = Pattern.compile("]\\(([^)#]*)(#[^)]*)?\\)");
    private static final Pattern FUNCTION = Pattern.compile("(select )?(paillette\\.\\w+).*");
    private static final Pattern KEY = Pattern.compile("(?:sequence|source)\\.<name>\\.(.+)");

    /** What is somebody else's, or no name: each with a reason to be on the page. */
    private static final Set<String> OTHERS = Set.of(
            "$1",
            "$2", // of a query
            "'eu'", // SQL
            "new", // of a condition
            "old",
            "filter", // functions of users
            "transform",
            "route",
            "RegexRouter", // of Kafka Connect and Debezium
            "EventRouter",
            "ExtractField",
            "TimestampConverter",
            "errors.retry.timeout",
            "auto.offset.reset", // of Kafka's consumer
            "wal_level=logical", // of Postgres
            "TRUNCATE",
            "psql", // programs of others
            "envsubst",
            "env:",
            "env:NAME",
            "file:",
            "file:PATH",
            "paillette:", // begins the prefix of messages
            "metadata.idempotency_key",
            "source.<name>");

    private static final CommandLine COMMANDS = CommandHelpTest.commands();

    @Test
    void everyOptionAndCommandOfOursThatItNamesExists() throws IOException {
        Set<String> keys = keys();
        Set<String> options = new HashSet<>();
        Set<String> names = new HashSet<>();
        collect(COMMANDS, options, names);
        List<String> unknown = ours().flatMap(
                        text -> CODE.matcher(text).results().map(found -> found.group(1)))
                .filter(code -> !isKnown(code, keys, options, names))
                .distinct()
                .toList();
        assertThat(unknown).as("named on the page, and not there").isEmpty();
    }

    @Test
    void everyPageThatItLeadsToExists() throws IOException {
        List<String> gone = LINK.matcher(Files.readString(PAGE))
                .results()
                .filter(link -> !isThere(link))
                .map(MatchResult::group)
                .toList();
        assertThat(gone).isEmpty();
    }

    /** Of tables the right column alone, as the left one is Sequin's. */
    private static Stream<String> ours() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .map(line -> line.startsWith("|") ? line.substring(line.indexOf('|', 1)) : line);
    }

    private static boolean isKnown(String code, Set<String> keys, Set<String> options, Set<String> names) {
        var key = KEY.matcher(code);
        String option = (key.matches() ? key.group(1) : code).split("=", 2)[0];
        if (code.startsWith("./paillette ")) {
            return exists(code.substring("./paillette ".length()));
        }
        var function = FUNCTION.matcher(code);
        return OTHERS.contains(code)
                || keys.contains(option)
                || options.contains(code)
                || names.contains(code)
                || (function.matches() && isInSql(function.group(2)))
                || isOfOurs(code);
    }

    /** Files, pages of HTTP, a schema, a variable of the environment: as the sources have them. */
    private static boolean isOfOurs(String code) {
        return switch (code) {
            case "client/", "Dockerfile", "docker-compose.yaml" -> Files.exists(Path.of("..", code));
            case "/health", "/status", "/metrics", "/api/v1" -> contains(Path.of("src", "main", "java"), code);
            case "PAILLETTE_TOKEN" -> contains(Path.of("src", "main", "java"), code);
            case "paillette_capture" -> contains(Path.of("..", "capture", "src", "main", "resources"), code);
            default ->
                Arrays.stream(Envelope.values())
                        .anyMatch(one -> one.name().toLowerCase(Locale.ROOT).equals(code));
        };
    }

    private static boolean isInSql(String name) {
        return contains(SQL, name + "(") || contains(SQL, "VIEW " + name);
    }

    private static boolean exists(String command) {
        CommandLine at = COMMANDS;
        for (String word : command.split(" ", -1)) {
            if (word.startsWith("--")) {
                if (at.getCommandSpec().findOption(word) == null) {
                    return false;
                }
            } else if (at.getSubcommands().containsKey(word)) {
                at = at.getSubcommands().get(word);
            }
        }
        return at != COMMANDS
                && command.startsWith(at.getCommandSpec().qualifiedName(" ").replace("paillette ", ""));
    }

    private static void collect(CommandLine command, Set<String> options, Set<String> names) {
        command.getCommandSpec().options().forEach(option -> options.addAll(List.of(option.names())));
        command.getSubcommands().forEach((name, below) -> {
            names.add(below.getCommandSpec().qualifiedName(" ").replace("paillette ", ""));
            names.add(name);
            collect(below, options, names);
        });
    }

    private static Set<String> keys() {
        var keys = new HashSet<>(BrokerKeys.definition().names());
        Arrays.stream(CaptureOption.values()).map(CaptureOption::key).forEach(keys::add);
        Arrays.stream(SequenceOption.values()).map(SequenceOption::key).forEach(keys::add);
        keys.addAll(LogConfig.configDefCopy().names());
        keys.add("route.headers.<name>");
        return keys;
    }

    private static boolean isThere(MatchResult link) {
        try {
            Path page = link.group(1).isEmpty() ? PAGE : DOCS.resolve(link.group(1));
            if (link.group(2) == null || !Files.exists(page)) {
                return Files.exists(page);
            }
            return Files.readAllLines(page).stream()
                    .filter(line -> line.startsWith("#"))
                    .anyMatch(line -> anchor(line).equals(link.group(2)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String anchor(String heading) {
        return "#"
                + heading.replaceAll("^#+ ", "")
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^a-z0-9 _-]", "")
                        .replace(' ', '-');
    }

    private static boolean contains(Path directory, String text) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .anyMatch(file -> read(file).contains(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + " is no text", e);
        }
    }
}
