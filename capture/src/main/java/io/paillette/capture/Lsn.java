package io.paillette.capture;

/**
 * A place in the WAL, compared unsigned. Text form {@code 16/B374D848} as in Postgres (docs: pg_lsn type).
 */
public record Lsn(long value) implements Comparable<Lsn> {

    /** No place: real WAL never begins at zero. */
    public static final Lsn NONE = new Lsn(0);

    private static final long PAGE_MASK = 8191;
    private static final long SHORT_HEADER = 24;
    private static final long LONG_HEADER = 40;

    /** @throws IllegalArgumentException when the text is not {@code hex/hex} */
    public static Lsn parse(String text) {
        int slash = text.indexOf('/');
        if (slash < 1 || slash == text.length() - 1) {
            throw new IllegalArgumentException("not an LSN: \"" + text + "\"");
        }
        long high = Long.parseUnsignedLong(text, 0, slash, 16);
        long low = Long.parseUnsignedLong(text, slash + 1, text.length(), 16);
        if (high > 0xFFFFFFFFL || low > 0xFFFFFFFFL) {
            throw new IllegalArgumentException("not an LSN: \"" + text + "\"");
        }
        return new Lsn(high << 32 | low);
    }

    /**
     * The end of the record before, where this is where the next one goes and a page header lies between (docs: WAL Internals;
     * 24 bytes, 40 on a segment's first page).
     */
    public Lsn beforePageHeader() {
        long inPage = value & PAGE_MASK;
        return inPage == SHORT_HEADER || inPage == LONG_HEADER ? new Lsn(value - inPage) : this;
    }

    @Override
    public int compareTo(Lsn other) {
        return Long.compareUnsigned(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toHexString(value >>> 32).toUpperCase(java.util.Locale.ROOT)
                + "/"
                + Long.toHexString(value & 0xFFFFFFFFL).toUpperCase(java.util.Locale.ROOT);
    }
}
