package io.paillette.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

final class GroupsCommandTest {

    @ParameterizedTest
    @CsvSource({
        "--groups 3 --members 10, cannot be spread evenly",
        "--groups 0, cannot be spread evenly",
        "--partitions 9, leaves members without any: there are 10 in each group",
        "--rate 0, are at least 1",
    })
    void whatCannotBeMeasuredIsRefusedInOneSentence(String options, String why) {
        var said = new StringWriter();
        int code = new CommandLine(new Main()).setErr(new PrintWriter(said)).execute(("groups " + options).split(" "));
        assertThat(code).isEqualTo(2);
        assertThat(said.toString()).contains(why);
    }
}
