"""Answers HTTP as PostgREST does, as far as the page and the tests ask for it: its statements, its transactions, its statuses.
usage: postgrest_server.py FILE_FOR_THE_PORT; DATABASE_URL logs in as authenticator, JWT_SECRET has signed the tokens."""
import base64
import hashlib
import hmac
import json
import os
import queue
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

import psycopg

from postgrest_catalogue import Catalogue
from postgrest_statuses import status_of

SCHEMA = "laurel"
OPERATORS = {"eq": "=", "neq": "<>", "gt": ">", "gte": ">=", "lt": "<", "lte": "<=", "like": "LIKE", "ilike": "ILIKE"}


class Refusal(Exception):
    """What is answered without asking the database."""

    def __init__(self, status, code, message, details=None, hint=None):
        super().__init__(message)
        self.status, self.body = status, {"code": code, "details": details, "hint": hint, "message": message}


def ident(name):
    return '"' + name.replace('"', '""') + '"'


def qualified(name):
    return f"{ident(SCHEMA)}.{ident(name)}"


def listed(names):
    return ", ".join(map(ident, names))


def split(text):
    """Parts between the commas that stand in no parentheses."""
    parts, depth = [""], 0
    for letter in text:
        depth += (letter == "(") - (letter == ")")
        if letter == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [part for part in parts if part]


class Query:
    """The statement of one request, with its parameters."""

    def __init__(self, catalogue, parameters):
        self.catalogue, self.parameters, self.values, self.aliases = catalogue, parameters, [], 0

    def value(self, value):
        self.values.append(value)
        return "%s"

    def embedding(self, table, here, name, hint):
        ways = self.catalogue.find(table, name, hint)
        if not ways:
            raise Refusal(400, "PGRST200", f"Could not find a relationship between '{table}' and '{name}' in the schema cache")
        if len(ways) > 1:
            raise Refusal(300, "PGRST201", f"Could not embed because more than one relationship was found for '{table}' and '{name}'",
                          [sorted(way.hints) for way in ways], "Try changing to one of them")
        self.aliases += 1
        way, alias = ways[0], f"{name}_{self.aliases}"
        joined = lambda pairs, left, right: [f"{left}.{ident(a)} = {right}.{ident(b)}" for a, b in pairs]
        if way.function:
            return way, alias, f"{qualified(way.function)}({here.rsplit('.', 1)[-1]}::{qualified(table)}) AS {ident(alias)}", []
        source = f"{qualified(way.target)} AS {ident(alias)}"
        if way.between is None:
            return way, alias, source, joined(way.pairs, here, ident(alias))
        return way, alias, f"{source}, {qualified(way.between)}", (
            joined(way.pairs, here, qualified(way.between)) + joined(way.pairs_there, qualified(way.between), ident(alias)))

    def columns(self, table, here, select):
        """What is selected, and the joins that embed."""
        wanted, joins = [], []
        for item in split(select or "*"):
            column = re.fullmatch(r"(?:(\w+):)?(\w+|\*)", item)
            if column:
                label, name = column.groups()
                wanted.append(f"{here}.*" if name == "*" else f"{here}.{ident(name)}" + (f" AS {ident(label)}" if label else ""))
                continue
            label, name, hint, inner = re.fullmatch(r"(?:(\w+):)?(\w+)(?:!(\w+))?\((.*)\)", item, re.S).groups()
            way, alias, source, conditions = self.embedding(table, here, name, hint)
            inside = self.read(way.target, ident(alias), source, inner, conditions)
            joined = ident(f"{alias}_joined")
            if way.to_one:
                wanted.append(f"row_to_json({joined}.*)::jsonb AS {ident(label or name)}")
            else:
                inside = f"SELECT json_agg({joined})::jsonb AS {joined} FROM ({inside}) AS {joined}"
                wanted.append(f"COALESCE({joined}.{joined}, '[]') AS {ident(label or name)}")
            joins.append(f"LEFT JOIN LATERAL ({inside}) AS {joined} ON TRUE")
        return ", ".join(wanted), " ".join(joins)

    def read(self, table, here, source, select, conditions, tail=""):
        wanted, joins = self.columns(table, here, select)
        where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
        return f"SELECT {wanted} FROM {source} {joins}{where}{tail}"

    def filters(self, table):
        conditions = []
        for name, text in self.parameters:
            if name in ("select", "order", "limit", "offset", "on_conflict", "columns"):
                continue
            if name not in self.catalogue.columns[table]:
                raise Refusal(400, "42703", f"column {table}.{name} does not exist")
            negated, operator, value = re.fullmatch(r"(not\.)?(\w+)\.(.*)", text, re.S).groups()
            column = f"{qualified(table)}.{ident(name)}"
            if operator == "is":
                condition = f"{column} IS {'NULL' if value == 'null' else 'TRUE' if value == 'true' else 'FALSE'}"
            elif operator == "in":
                condition = f"{column} = ANY ({self.value('{' + value.strip('()') + '}')})"
            else:
                condition = f"{column} {OPERATORS[operator]} {self.value(value)}"
            conditions.append(f"NOT {condition}" if negated else condition)
        return conditions

    def get(self, name):
        return dict(self.parameters).get(name)

    def tail(self, table):
        order = self.get("order")
        keys = [part.split(".") for part in order.split(",")] if order else []
        text = " ORDER BY " + ", ".join(f"{qualified(table)}.{ident(k[0])} {' '.join(k[1:]).upper()}" for k in keys) if keys else ""
        for name in ("limit", "offset"):
            text += f" {name.upper()} {int(self.get(name))}" if self.get(name) else ""
        return text

    def payload(self, table, body):
        """The columns that a body names, and a source of its rows."""
        rows = body if isinstance(body, list) else [body]
        names = split(self.get("columns") or "") or sorted(rows[0]) if rows else []
        if not self.get("columns") and any(sorted(row) != names for row in rows):
            raise Refusal(400, "PGRST102", "All object keys must match")
        kinds = self.catalogue.columns[table]
        for name in names:
            if name not in kinds:
                raise Refusal(400, "PGRST204", f"Could not find the '{name}' column of '{table}' in the schema cache")
        function = "json_to_recordset" if isinstance(body, list) else "json_to_record"
        typed = ", ".join(f"{ident(name)} {kinds[name]}" for name in names)
        return names, (f"(SELECT {self.value(json.dumps(body))}::json AS json_data) pgrst_payload, LATERAL (SELECT {listed(names)} "
                       f"FROM {function}(pgrst_payload.json_data) AS _({typed})) pgrst_body")

    def insert(self, table, body, prefer):
        names, source = self.payload(table, body)
        text = f"INSERT INTO {qualified(table)}({listed(names)}) SELECT {listed(names)} FROM {source}"
        keys = split(self.get("on_conflict") or "") or self.catalogue.primary.get(table, [])
        if "resolution=ignore-duplicates" in prefer:
            text += f" ON CONFLICT({listed(keys)}) DO NOTHING"
        if "resolution=merge-duplicates" in prefer:
            text += f" ON CONFLICT({listed(keys)}) DO UPDATE SET " + ", ".join(f"{ident(n)} = EXCLUDED.{ident(n)}" for n in names)
        return text

    def update(self, table, body):
        names, source = self.payload(table, body)
        sets = ", ".join(f"{ident(name)} = pgrst_body.{ident(name)}" for name in names)
        return f"UPDATE {qualified(table)} SET {sets} FROM {source}" + self.where(table)

    def delete(self, table):
        return f"DELETE FROM {qualified(table)}" + self.where(table)

    def where(self, table):
        conditions = self.filters(table)
        return f" WHERE {' AND '.join(conditions)}" if conditions else ""

    def answer(self, source, rows, total="''", extra="", body="coalesce(json_agg(_postgrest_t), '[]')"):
        return (f"WITH pgrst_source AS ({source}){extra} SELECT {total} AS total_result_set, pg_catalog.count(_postgrest_t) AS page_total, "
                f"{body} AS body, nullif(current_setting('response.headers', true), '') AS response_headers, "
                f"nullif(current_setting('response.status', true), '') AS response_status FROM ({rows}) _postgrest_t")


class Api:
    def __init__(self, url):
        self.connections = queue.Queue()
        for _ in range(2):
            self.connections.put(psycopg.connect(url, autocommit=True))
        with psycopg.connect(os.environ["CATALOGUE_URL"]) as connection:
            self.catalogue = Catalogue(connection, SCHEMA)

    def run(self, request, read_only, text, values):
        """One transaction in which the request is said and its statement run."""
        connection = self.connections.get()
        try:
            connection.execute(f"BEGIN ISOLATION LEVEL READ COMMITTED {'READ ONLY' if read_only else 'READ WRITE'}")
            connection.execute(
                "SELECT set_config('search_path', %s, true), set_config('role', %s, true), set_config('request.jwt.claims', %s, true), "
                "set_config('request.method', %s, true), set_config('request.path', %s, true), set_config('request.headers', %s, true), "
                "set_config('request.cookies', '{}', true)",
                ['"laurel", "public"', request.role, json.dumps(request.claims | {"role": request.role}), request.command, request.path,
                 json.dumps({name.lower(): value for name, value in request.headers.items()})])
            row = connection.execute(text, values, prepare=True).fetchone()
            connection.execute("COMMIT")
            return row
        except psycopg.Error as error:
            connection.execute("ROLLBACK")
            raise Refusal(status_of(error.sqlstate, request.role != "anon"), error.sqlstate, error.diag.message_primary,
                          error.diag.message_detail, error.diag.message_hint)
        finally:
            self.connections.put(connection)

    def table(self, request, name, query):
        if name not in self.catalogue.columns:
            raise Refusal(404, "PGRST205", f"Could not find the table '{SCHEMA}.{name}' in the schema cache")
        prefer, select = request.headers.get("Prefer", ""), query.get("select")
        if request.command in ("GET", "HEAD"):
            source = query.read(name, qualified(name), qualified(name), select, query.filters(name), query.tail(name))
            exact = "count=exact" in prefer
            extra = f", pgrst_source_count AS (SELECT 1 FROM {qualified(name)}{query.where(name)})" if exact else ""
            total = "(SELECT pg_catalog.count(*) FROM pgrst_source_count)" if exact else "null::bigint"
            row = self.run(request, True, query.answer(source, "SELECT * FROM pgrst_source", total, extra), query.values)
            first = int(query.get("offset") or 0)
            partial = row[0] is not None and row[1] < row[0]
            request.content_range = f"{f'{first}-{first + row[1] - 1}' if row[1] else '*'}/{row[0] if exact else '*'}"
            return 206 if partial else 200, row[2]
        if request.command == "POST":
            text = query.insert(name, request.body(), prefer)
        else:
            text = query.update(name, request.body()) if request.command == "PATCH" else query.delete(name)
        full = "return=representation" in prefer
        rows = query.read(name, "pgrst_source", "pgrst_source", select, []) if full else "SELECT * FROM pgrst_source"
        text += f" RETURNING {qualified(name)}.*" if full else " RETURNING 1"
        row = self.run(request, False, query.answer(text, rows), query.values)
        return (201 if request.command == "POST" else 200 if full else 204), row[2] if full else None

    def call(self, request, name, query):
        given = request.body() if request.command == "POST" else dict(query.parameters)
        found = [f for f in self.catalogue.functions.get(name, []) if f.takes(given)]
        if len(found) != 1:
            raise Refusal(404, "PGRST202", f"Could not find the function {SCHEMA}.{name}({', '.join(sorted(given))}) in the schema cache")
        function = found[0]
        names = sorted(given)
        typed = ", ".join(f"{ident(n)} {function.types[function.names.index(n)]}" for n in names)
        arguments = ", ".join(f"{ident(n)} := pgrst_body.{ident(n)}" for n in names)
        source = (f"(SELECT {query.value(json.dumps(given))}::json AS json_data) pgrst_payload, LATERAL (SELECT {listed(names)} "
                  f"FROM json_to_record(pgrst_payload.json_data) AS _({typed}) LIMIT 1) pgrst_body, LATERAL " if names else "")
        if function.is_composite:
            text = f"SELECT pgrst_call.* FROM {source}{qualified(name)}({arguments}) pgrst_call"
            each = "_postgrest_t"
        else:
            text = f"SELECT pgrst_call.pgrst_scalar FROM {source}(SELECT {qualified(name)}({arguments}) pgrst_scalar) pgrst_call"
            each = "_postgrest_t.pgrst_scalar"
        body = f"coalesce(json_agg({each}), '[]')" if function.is_set else f"coalesce(json_agg({each})->0, 'null')"
        read_only = request.command == "GET" or function.volatility != "v"
        row = self.run(request, read_only, query.answer(text, "SELECT * FROM pgrst_source", body=body), query.values)
        return (204, None) if function.is_void else (200, row[2])


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def body(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            return json.loads(text or "{}")
        except ValueError:
            raise Refusal(400, "PGRST102", "Empty or invalid json")

    def sign_in(self):
        self.role, self.claims = "anon", {}
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer":
            return
        pad = lambda text: base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        try:
            signed, _, signature = token.rpartition(".")
            expected = hmac.new(os.environ["JWT_SECRET"].encode(), signed.encode(), hashlib.sha256).digest()
            if not hmac.compare_digest(expected, pad(signature)):
                raise ValueError
            self.claims = json.loads(pad(signed.split(".")[1]))
        except (ValueError, IndexError):
            raise Refusal(401, "PGRST301", "JWSError JWSInvalidSignature")
        self.role = self.claims.get("role", "anon")

    def answer(self):
        try:
            self.sign_in()
            url = urlsplit(self.path)
            query = Query(self.server.api.catalogue, parse_qsl(url.query, keep_blank_values=True))
            path = unquote(url.path).removeprefix("/rest/v1").strip("/").split("/")
            act = self.server.api.call if path[0] == "rpc" else self.server.api.table
            status, body = act(self, path[-1], query)
            if "vnd.pgrst.object" in self.headers.get("Accept", "") and isinstance(body, list):
                if len(body) != 1:
                    raise Refusal(406, "PGRST116", "Cannot coerce the result to a single JSON object", f"The result contains {len(body)} rows")
                body = body[0]
            return status, body
        except Refusal as refusal:
            return refusal.status, refusal.body

    def do_GET(self):
        self.content_range = None
        status, body = self.answer()
        data = b"" if body is None and status in (201, 204) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        if self.content_range:
            self.send_header("Content-Range", self.content_range)
        if status != 204:
            self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_POST = do_PATCH = do_DELETE = do_HEAD = do_GET


server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.api = Api(os.environ["DATABASE_URL"])
with open(sys.argv[1], "w", encoding="ascii") as file:
    file.write(str(server.server_port))
server.serve_forever()
