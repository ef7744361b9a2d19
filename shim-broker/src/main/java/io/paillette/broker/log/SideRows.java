package io.paillette.broker.log;

import java.util.List;

/**
 * What changes beside the log in the SQL transaction of an append.
 *
 * @param aborted   transactions that markers among the batches abort: they are noted
 * @param published numbers of records that were published by SQL and are among the batches: they leave the inbox
 */
public record SideRows(List<AbortedTransaction> aborted, List<Long> published) {

    static final SideRows NONE = new SideRows(List.of(), List.of());

    public SideRows {
        aborted = List.copyOf(aborted);
        published = List.copyOf(published);
    }

    static SideRows aborting(List<AbortedTransaction> transactions) {
        return new SideRows(transactions, List.of());
    }

    static SideRows taking(List<Long> published) {
        return new SideRows(List.of(), published);
    }

    static SideRows ofAll(List<SideRows> some) {
        return new SideRows(
                some.stream().flatMap(rows -> rows.aborted().stream()).toList(),
                some.stream().flatMap(rows -> rows.published().stream()).toList());
    }
}
