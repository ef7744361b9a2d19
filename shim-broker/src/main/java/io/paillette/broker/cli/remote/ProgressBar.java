package io.paillette.broker.cli.remote;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Locale;

/** How far a backfill or a replay is, on one line that is written over. For people: beside the answer. */
final class ProgressBar {

    private static final int WIDTH = 30;

    private final Answer answer;
    private final Of of;
    private String shown = "";

    /** What is counted: its name, which is that of the field too, and the field that says how much it is in all. */
    enum Of {
        /** Of a backfill: Postgres estimates how many there are. */
        ROWS("rows", "estimatedRows", "about "),
        /** Of a replay, which are known. */
        OFFSETS("offsets", "allOffsets", "");

        private final String done;
        private final String all;
        private final String about;

        Of(String done, String all, String about) {
            this.done = done;
            this.all = all;
            this.about = about;
        }
    }

    ProgressBar(Answer answer, Of of) {
        this.answer = answer;
        this.of = of;
    }

    void show(JsonNode now) {
        String line = line(now, of);
        if (!line.equals(shown)) {
            answer.over(line + " ".repeat(Math.max(0, shown.length() - line.length())));
            shown = line;
        }
    }

    void end() {
        answer.say("");
    }

    static String line(JsonNode now, Of of) {
        long rows = now.path(of.done).asLong();
        boolean done = now.path("state").asText().equals("DONE");
        // Postgres's estimate may be below what was read already.
        long all = done ? rows : Math.max(rows, now.path(of.all).asLong());
        double part = all == 0 ? (done ? 1 : 0) : (double) rows / all;
        int filled = (int) (part * WIDTH);
        String eta =
                now.has("secondsLeft") ? "  about " + now.path("secondsLeft").asLong() + " s left" : "";
        return String.format(
                Locale.ROOT,
                "[%s%s] %3d %%  %,d of %s%,d %s  %s%s",
                "#".repeat(filled),
                ".".repeat(WIDTH - filled),
                (int) (part * 100),
                rows,
                done ? "" : of.about,
                all,
                of.done,
                now.path("state").asText().toLowerCase(Locale.ROOT),
                eta);
    }
}
