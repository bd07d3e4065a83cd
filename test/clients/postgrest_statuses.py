"""Which HTTP status PostgREST 14 gives an error of the database."""

STATUSES = [("08", 503), ("09", 500), ("0L", 403), ("0P", 403), ("23503", 409), ("23505", 409), ("25006", 405), ("25", 500),
            ("21000", 500), ("28", 403), ("2D", 500), ("38", 500), ("39", 500), ("3B", 500), ("40", 500), ("53400", 500), ("53", 503),
            ("54", 500), ("55", 500), ("57P01", 503), ("57", 500), ("58", 500), ("F0", 500), ("HV", 500), ("P0001", 400), ("P0", 500),
            ("XX", 500), ("42883", 404), ("42P01", 404), ("42P17", 500)]


def status_of(sqlstate, signed_in):
    if sqlstate == "42501":
        return 403 if signed_in else 401
    if sqlstate.startswith("PT"):
        return int(sqlstate[2:])
    return next((status for prefix, status in STATUSES if sqlstate.startswith(prefix)), 400)
