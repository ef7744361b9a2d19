-- Every table is where it belongs: from here on nothing is missing among those that are written down.
INSERT INTO paillette_capture.unplaced
SELECT ${all}, 0
WHERE NOT EXISTS (SELECT FROM paillette_capture.unplaced u WHERE u.publication = ${all} AND u.relation = 0);
