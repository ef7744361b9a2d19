package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** How far a backfill is, on one line that is written over. For people: beside the answer. */
final class ProgressBar {

    private static final int WIDTH = 30;

    private final Answer answer;
    private String shown = "";

    ProgressBar(Answer answer) {
        this.answer = answer;
    }

    void show(JsonNode backfill) {
        String line = line(backfill);
        if (!line.equals(shown)) {
            answer.over(line + " ".repeat(Math.max(0, shown.length() - line.length())));
            shown = line;
        }
    }

    void end() {
        answer.say("");
    }

    static String line(JsonNode backfill) {
        long rows = backfill.path("rows").asLong();
        boolean done = backfill.path("state").asText().equals("DONE");
        // Postgres's estimate may be below what was read already.
        long all = done ? rows : Math.max(rows, backfill.path("estimatedRows").asLong());
        double part = all == 0 ? (done ? 1 : 0) : (double) rows / all;
        int filled = (int) (part * WIDTH);
        String eta = backfill.has("secondsLeft")
                ? "  about " + backfill.path("secondsLeft").asLong() + " s left"
                : "";
        return String.format(
                Locale.ROOT,
                "[%s%s] %3d %%  %,d of %s%,d rows  %s%s",
                "#".repeat(filled),
                ".".repeat(WIDTH - filled),
                (int) (part * 100),
                rows,
                done ? "" : "about ",
                all,
                backfill.path("state").asText().toLowerCase(Locale.ROOT),
                eta);
    }
}
