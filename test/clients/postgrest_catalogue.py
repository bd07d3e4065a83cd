"""What PostgREST reads of a schema when it starts: columns, functions, and the ways that lead from one table to another."""
from dataclasses import dataclass, field

COLUMNS = """
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), coalesce(a.attnum = ANY (k.conkey), false)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'p'
WHERE c.relnamespace = %(schema)s::regnamespace AND c.relkind IN ('r', 'p', 'v') ORDER BY c.relname, a.attnum"""

KEYS = """
SELECT k.conname, s.relname, t.relname,
    (SELECT array_agg(a.attname::text ORDER BY n) FROM unnest(k.conkey) WITH ORDINALITY AS c (no, n) JOIN pg_attribute a ON a.attrelid = s.oid AND a.attnum = no),
    (SELECT array_agg(a.attname::text ORDER BY n) FROM unnest(k.confkey) WITH ORDINALITY AS c (no, n) JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = no),
    EXISTS (SELECT FROM pg_constraint u WHERE u.conrelid = s.oid AND u.contype IN ('p', 'u') AND u.conkey <@ k.conkey AND k.conkey <@ u.conkey)
FROM pg_constraint k JOIN pg_class s ON s.oid = k.conrelid JOIN pg_class t ON t.oid = k.confrelid
WHERE k.contype = 'f' AND k.conparentid = 0 AND s.relnamespace = %(schema)s::regnamespace AND t.relnamespace = s.relnamespace"""

FUNCTIONS = """
SELECT p.proname, coalesce(p.proargnames[1:p.pronargs], '{}'), ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t), p.pronargdefaults,
    p.provolatile, p.proretset, p.prorettype = 'void'::regtype, t.typtype = 'c' OR p.prorettype = 'record'::regtype, t.typname,
    (SELECT a.relname FROM pg_class a WHERE p.pronargs = 1 AND a.reltype = p.proargtypes[0]), p.prorows
FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
WHERE p.pronamespace = %(schema)s::regnamespace AND p.prokind = 'f' AND p.prorettype <> 'trigger'::regtype"""


@dataclass
class Function:
    name: str
    names: list
    types: list
    defaults: int
    volatility: str
    is_set: bool
    is_void: bool
    is_composite: bool
    result: str
    of_table: str  # the table whose rows are its only argument: a computed relationship
    rows: float

    def takes(self, given):
        """Whether it can be called with these names."""
        return set(given) <= set(self.names) and set(self.names[:len(self.names) - self.defaults]) <= set(given)


@dataclass
class Way:
    """From one table to another: by a foreign key of either, over a table between, or by a function of the row."""
    target: str
    to_one: bool
    hints: set
    pairs: list = field(default_factory=list)      # columns that are equal here and there
    between: str = None                            # and of the table between, if there is one: here, there
    pairs_there: list = field(default_factory=list)
    function: str = None
    names: set = field(default_factory=set)        # what may stand for the target's name


class Catalogue:
    def __init__(self, connection, schema):
        self.columns, self.primary, self.functions = {}, {}, {}
        for table, column, kind, is_key in connection.execute(COLUMNS, {"schema": schema}):
            self.columns.setdefault(table, {})[column] = kind
            if is_key:
                self.primary.setdefault(table, []).append(column)
        self.keys = connection.execute(KEYS, {"schema": schema}).fetchall()
        for row in connection.execute(FUNCTIONS, {"schema": schema}):
            self.functions.setdefault(row[0], []).append(Function(*row))

    def ways(self, table):
        yield from self.computed(table)
        for name, source, target, here, there, is_unique in self.keys:
            alone = {here[0]} if len(here) == 1 else set()
            if source == table:
                yield Way(target, True, alone | {name}, list(zip(here, there)), names=alone if source == target else alone | {name, target})
            if target == table:
                yield Way(source, is_unique, alone | {name}, list(zip(there, here)), names={source} if source == target else {source, name})
        yield from self.over_junctions(table)

    def computed(self, table):
        for name, overloads in self.functions.items():
            for function in overloads:
                if function.of_table == table and function.is_set and function.result in self.columns:
                    yield Way(function.result, function.rows == 1, {name}, function=name, names={name})

    def over_junctions(self, table):
        for name, between, target, here, there, _ in self.keys:
            if target != table:
                continue
            for other, again, end, from_there, to_end, _ in self.keys:
                if again == between and other != name and set(here + from_there) <= set(self.primary.get(between, [])):
                    yield Way(end, False, {between}, list(zip(there, here)), between, list(zip(from_there, to_end)), names={end})

    def find(self, table, name, hint):
        return [way for way in self.ways(table) if name in way.names and (hint is None or hint in way.hints)]
