-- Names in a condition mean what they mean to the role; it changes nothing, and one that hangs is told.
SET search_path TO DEFAULT;
SET standard_conforming_strings = on;
SET default_transaction_read_only = on;
SET statement_timeout = '20s'
