/** What backfills and replays have in common: somebody asks for one, it goes on for a while, and people look on, pause and cancel it. Knows neither. */
@NullMarked
package io.paillette.broker.job;

import org.jspecify.annotations.NullMarked;
