/**
 * What a column's type means: from type OID and modifier to {@link ColumnType}. Values stay in Postgres's text form until
 * an envelope writes them. Pure: no SQL, no I/O.
 */
@NullMarked
package io.paillette.capture.type;

import org.jspecify.annotations.NullMarked;
