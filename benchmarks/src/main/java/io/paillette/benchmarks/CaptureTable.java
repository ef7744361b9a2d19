package io.paillette.benchmarks;

import java.util.Map;

/** What pipelines did, one below the other, and how one stands to another. */
final class CaptureTable {

    private final TextTable table;

    /** @param unit what is counted */
    CaptureTable(String title, String unit) {
        this.table = new TextTable(title, unit + "/s", "stored s", "consumed s", "CPU s", "peak MB");
    }

    void row(String name, CaptureResult result) {
        table.row(
                name,
                Figure.whole(result.perSecond()),
                Figure.tenths(result.storedSeconds()),
                Figure.tenths(result.consumedSeconds()),
                Figure.tenths(result.cpuSeconds()),
                result.peakMegabytes() == 0 ? "-" : String.valueOf(result.peakMegabytes()));
    }

    void print(String floorName, CaptureResult floor, Map<Contender, CaptureResult> results) {
        row(floorName, floor);
        results.forEach((contender, result) -> row(contender.title(), result));
        Say.print("\n" + table);
    }

    static void ratio(String what, CaptureResult ours, CaptureResult peer, double goal) {
        Goal.atLeast(what, ours.perSecond() / peer.perSecond(), goal);
    }
}
