"""Random rules of recurrence, expanded by Laurel's kernel and by python-dateutil: both name the same times.

Where dateutil departs from RFC 5545 the rules are made so that it does not matter: a weekday stands with or without
ordinals, not both; BYWEEKNO comes with BYDAY; a week of which places are chosen begins when the series does.
"""

import itertools
import random
import subprocess
import sys
import warnings
from datetime import datetime, timedelta

from dateutil.rrule import rrulestr

RULES = 400
MOST = 40
DAYS = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"]
EPOCH = datetime(1970, 1, 1)


def some(chance, values, most=3):
    return random.sample(values, random.randint(1, most)) if random.random() < chance else []


def signed(limit):
    return [n for n in range(-limit, limit + 1) if n != 0]


def weekdays(frequency, parts):
    if frequency in ("MONTHLY", "YEARLY") and "BYWEEKNO" not in parts and random.random() < 0.5:
        limit = 5 if frequency == "MONTHLY" or "BYMONTH" in parts else 53
        return [f"{n}{random.choice(DAYS)}" for n in random.sample(signed(limit), random.randint(1, 3))]
    return random.sample(DAYS, random.randint(1, 4))


def rule():
    frequency = random.choice(["DAILY", "WEEKLY", "MONTHLY", "YEARLY"])
    parts = {"FREQ": frequency}
    if random.random() < 0.5:
        parts["INTERVAL"] = random.randint(1, 5)
    parts["BYMONTH"] = some(0.3, range(1, 13))
    if frequency == "YEARLY":
        parts["BYYEARDAY"] = some(0.15, signed(366))
        parts["BYWEEKNO"] = some(0.2, [*range(1, 54), *range(-10, 0)])
    if frequency != "WEEKLY":
        parts["BYMONTHDAY"] = some(0.3, signed(31))
    parts = {name: value for name, value in parts.items() if value}
    if "BYWEEKNO" in parts or random.random() < 0.4:
        parts["BYDAY"] = weekdays(frequency, parts)
    if frequency != "DAILY" and any(name.startswith("BY") for name in parts):
        parts["BYSETPOS"] = some(0.3, [n for n in range(-4, 5) if n != 0])
    if random.random() < 0.4:
        parts["WKST"] = random.choice(DAYS)
    start = datetime(random.randint(1990, 2040), random.randint(1, 12), random.randint(1, 28), random.randint(0, 23), random.randint(0, 59))
    if random.random() < 0.1:
        start = datetime(2024, 2, 29, 12)
    if frequency == "WEEKLY" and parts.get("BYSETPOS"):
        start -= timedelta(days=(start.weekday() - DAYS.index(parts.get("WKST", "MO"))) % 7)
    ending = random.random()
    if ending < 0.3:
        parts["COUNT"] = random.randint(1, 30)
    elif ending < 0.5:
        parts["UNTIL"] = (start + timedelta(days=random.randint(0, 2000))).strftime("%Y%m%dT%H%M%S")
    text = ";".join(f"{name}={','.join(map(str, value)) if isinstance(value, list) else value}" for name, value in parts.items() if value != [])
    return text, start


def expected(text, start):
    """The first times, as many as 10,000 steps of a day surely reach."""
    last = datetime(start.year + 27, 1, 1)
    rule = rrulestr(text, dtstart=start)
    rule = rule.replace(until=min(rule._until or last, last))
    times = [int((time - EPOCH).total_seconds()) for time in itertools.islice(rule, MOST)]
    return times, (last - EPOCH).total_seconds()


warnings.simplefilter("ignore")  # dateutil would rather not have UNTIL beside COUNT
random.seed(5545)
rules = [rule() for _ in range(RULES)]
lines = "".join(f"{text}\t{int((start - EPOCH).total_seconds())}\t{MOST}\n" for text, start in rules)
printed = subprocess.run([sys.argv[1]], input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
assert len(printed) == RULES, f"{len(printed)} lines for {RULES} rules"
named = 0
for (text, start), line in zip(rules, printed):
    assert line == "" or line.rstrip().replace(" ", "").lstrip("-").isdigit(), f"{text}: {line}"
    want, last = expected(text, start)
    have = [int(time) for time in line.split() if int(time) <= last]
    assert have == want, f"{text} from {start}:\n{[str(EPOCH + timedelta(seconds=t)) for t in have]}\n{[str(EPOCH + timedelta(seconds=t)) for t in want]}"
    named += bool(want)
assert named > RULES / 2, f"only {named} of {RULES} rules name a day"
print(f"{RULES} rules, {named} of which name days, are read alike")
