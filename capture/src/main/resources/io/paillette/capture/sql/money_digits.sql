-- How many digits of a money value are its fraction, by the locale that the database gives a session.
RESET lc_monetary;
SELECT scale('0'::money::numeric);
SET lc_monetary = 'C'
