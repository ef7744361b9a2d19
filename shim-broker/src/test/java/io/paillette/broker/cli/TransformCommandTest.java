package io.paillette.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.paillette.broker.cli.remote.RemoteCommands;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class TransformCommandTest {

    private static final String FUNCTIONS =
            """
            function filter(action, record) { return record.id !== 2 }
            function transform(action, record) {
                if (record.id === 3) console.log('a third one');
                return record.id === 4 ? null : record.name.toUpperCase();
            }
            function route(action, record) { return { partition: 1, headers: { id: String(record.id) } } }
            """;

    @TempDir
    Path directory;

    private record Ran(int code, String out, String err) {}

    @Test
    void eachChangeOfAFileIsShownWithWhatComesOfIt() throws Exception {
        String changes = change("{\"id\":1,\"name\":null}") + "\n\n"
                + "{\"topic\":\"t\",\"value\":" + change("{\"id\":2}") + "}\n"
                + change("{\"id\":3,\"name\":\"x\",\"n\":12345678901234567890.10}") + "\n"
                + change("{\"id\":4}") + "\n"
                + change("{\"id\":5}") + "\n";
        Ran ran = run(changes, "--max", "4");
        assertThat(ran.out().replaceAll("\\d+\\.\\d+ ms", "N ms"))
                .isEqualTo(
                        """
                        line 1  insert of s.t
                          record     {"id":1,"name":null}
                          changes    null
                          error      transform (functions.js, line 4, column 37): TypeError: Cannot read property 'toUpperCase' of null
                          time       N ms
                        line 3  insert of s.t
                          record     {"id":2}
                          changes    null
                          dropped
                          time       N ms
                        line 4  insert of s.t
                          record     {"id":3,"name":"x","n":12345678901234567890.10}
                          changes    null
                          after      "X"
                          partition  1
                          headers    {"id":"3"}
                          printed    a third one
                          time       N ms
                        line 5  insert of s.t
                          record     {"id":4}
                          changes    null
                          after      null, a tombstone
                          partition  1
                          headers    {"id":"4"}
                          time       N ms
                        4 changes: 2 kept, 1 dropped, 1 failed; N ms each
                        """);
        assertThat(ran.code()).isEqualTo(1);
    }

    @Test
    void forProgramsEachChangeIsAnObject() throws Exception {
        Ran ran = run(change("{\"id\":3,\"name\":\"x\",\"n\":12345678901234567890.10}"), "--json");
        assertThat(ran.out().replaceAll("\"ms\":[\\d.E-]+", "\"ms\":N"))
                .isEqualTo(
                        "{\"change\":\"line 1\",\"before\":"
                                + change("{\"id\":3,\"name\":\"x\",\"n\":12345678901234567890.10}")
                                + ",\"after\":\"X\",\"partition\":1,\"headers\":{\"id\":\"3\"},\"printed\":[\"a third one\"],\"ms\":N}\n");
        assertThat(ran.code()).isZero();
    }

    @Test
    void aFileOfLuaIsTriedLikeOneOfJavaScript() throws Exception {
        Path functions = Files.writeString(
                directory.resolve("functions.lua"),
                """
                function transform(action, record)
                    print('no', record.id)
                    return record.name:upper()
                end
                """);
        Path changes = Files.writeString(
                directory.resolve("changes.jsonl"),
                change("{\"id\":1,\"name\":\"x\"}") + "\n" + change("{\"id\":2,\"name\":null}") + "\n");
        Ran ran = execute("--functions", functions.toString(), "--changes", changes.toString());
        assertThat(ran.out().replaceAll("\\d+\\.\\d+ ms", "N ms"))
                .isEqualTo(
                        """
                        line 1  insert of s.t
                          record     {"id":1,"name":"x"}
                          changes    null
                          after      "X"
                          printed    no\t1
                          time       N ms
                        line 2  insert of s.t
                          record     {"id":2,"name":null}
                          changes    null
                          error      transform (functions.lua, line 3): attempt to index a null value (field 'name')
                          printed    no\t2
                          time       N ms
                        2 changes: 1 kept, 0 dropped, 1 failed; N ms each
                        """);
        assertThat(ran.code()).isEqualTo(1);
    }

    @Test
    void whatCannotBeTriedIsRefusedWithASentence() throws Exception {
        assertThat(run("{\"before\":null,\"after\":{}}").err())
                .startsWith("line 1 of ")
                .contains("is no change in the envelope change");
        assertThat(run("no json").err()).contains("is no change in the envelope change");
        assertThat(run("", "--max", "0").err()).contains("--max has to be a number from 1");
        Files.writeString(directory.resolve("functions.js"), "function filter( {}");
        Ran ran = execute("--functions", directory.resolve("functions.js").toString(), "--changes", "nowhere");
        assertThat(ran.err()).startsWith("functions.js, line 1, column 20: SyntaxError: ");
        assertThat(ran.code()).isEqualTo(2);
        assertThat(execute("--functions", directory.resolve("nowhere.js").toString(), "--topic", "t")
                        .err())
                .contains("nowhere.js cannot be read");
        Path text = Files.writeString(directory.resolve("functions.txt"), FUNCTIONS);
        assertThat(execute("--functions", text.toString(), "--changes", text.toString())
                        .err())
                .contains("functions.txt: the end of its name says in what it is written");
        assertThat(execute("--functions", "functions.js").err())
                .contains("--topic")
                .contains("--changes");
    }

    private Ran run(String changes, String... more) throws IOException {
        Path functions = Files.writeString(directory.resolve("functions.js"), FUNCTIONS);
        Path file = Files.writeString(directory.resolve("changes.jsonl"), changes);
        String[] arguments = new String[more.length + 4];
        System.arraycopy(more, 0, arguments, 4, more.length);
        arguments[0] = "--functions";
        arguments[1] = functions.toString();
        arguments[2] = "--changes";
        arguments[3] = file.toString();
        return execute(arguments);
    }

    private static Ran execute(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var line = new CommandLine(CommandSpec.create());
        RemoteCommands.all().forEach(line::addSubcommand);
        line.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] all = new String[arguments.length + 2];
        all[0] = "transform";
        all[1] = "test";
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        int code = line.execute(all);
        return new Ran(code, out.toString(), err.toString());
    }

    private static String change(String record) {
        return "{\"record\":" + record
                + ",\"changes\":null,\"action\":\"insert\",\"metadata\":{\"table_schema\":\"s\",\"table_name\":\"t\"}}";
    }
}
