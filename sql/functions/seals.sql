-- Seals: the ledger's, which an auditor keeps elsewhere.

CREATE FUNCTION laurel_internal.keep_seals() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_seals';
COMMENT ON FUNCTION laurel_internal.keep_seals() IS
'BEFORE INSERT, UPDATE, DELETE, TRUNCATE statement trigger of ledger_seals: laurel.seal_ledger() adds seals, nobody changes them (23001).';

CREATE FUNCTION laurel.seal_ledger(thorough boolean DEFAULT false) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_seal_ledger';
COMMENT ON FUNCTION laurel.seal_ledger(boolean) IS
'Seals the accounts of every organization that have moved since its newest seal, and returns the number of new seals: one for each organization (and million accounts), none where nothing moved. Entries whose transaction is still open are sealed by the next call; nobody waits for it. thorough: looks at every account, as the first seal does and one after a clock that was set back; in the first five minutes of an hour it does so by itself where an organization''s entries do not add up. An organization that fails is passed over with a warning and noted in laurel.job_failures. For a scheduler, every five minutes.';

CREATE FUNCTION laurel.ledger_seal(organization_id uuid DEFAULT NULL)
RETURNS TABLE (organization_id uuid, seal_no bigint, sealed_at timestamptz, open_from timestamptz, accounts bigint, entries bigint,
               root bytea, previous_hash bytea, seal_hash bytea)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1 AS 'MODULE_PATHNAME', 'laurel_ledger_seal';
COMMENT ON FUNCTION laurel.ledger_seal(uuid) IS
'The newest seal of an organization, to be kept where nobody who writes this database can reach it: seal_hash alone is enough. seal_hash is SHA-256 over 0x01, previous_hash, organization_id, seal_no, sealed_at, open_from, accounts, entries (8 bytes each, big-endian, times in microseconds since 2000-01-01 UTC) and root. Null: the active organization; for service_role, of every one. No row: nothing was sealed yet. For administrators and service_role. Error 42501: not allowed.';

CREATE FUNCTION laurel.prove_entry(entry_id uuid, seal_no bigint DEFAULT NULL) RETURNS jsonb
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_prove_entry';
COMMENT ON FUNCTION laurel.prove_entry(uuid, bigint) IS
'What an outsider who has kept a seal needs to check that an entry is under it: {"entries": [...], "leaf": "...", "path": [["left" | "right", "..."], ...], "seals": [...]}, all bytes in hexadecimal. entries: the entry as it is hashed, and those that follow it up to the one that was sealed; leaf: that one''s in the tree; path: the digests from the leaf up to the root; seals: the seal, and those that follow it up to seal_no (null: none). Every entry and seal holds the hash of the one before it in bytes 1 to 32; the first seal ends with the root; the hash of the last one is what was kept. Words of entries stand there as salted digests. For those who may see the user. Errors: 22004 missing argument; 23503 no such entry or seal; 42501 not allowed; PT409 not sealed yet, or not under that seal.';
