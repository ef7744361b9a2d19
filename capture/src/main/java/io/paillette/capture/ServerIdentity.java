package io.paillette.capture;

/**
 * Which server, and which of its histories, a position belongs to: the same LSN means nothing on another one.
 *
 * @param system   system identifier, given by initdb and kept by every physical copy (docs: pg_control_system)
 * @param timeline begins anew whenever a standby is promoted or a backup recovered (docs: 25.3.5 Timelines)
 */
public record ServerIdentity(String system, long timeline) {}
