-- Up Migration
-- Seals of the ledger: what stands in the accounts of an organization, hashed every few minutes, so that nothing sealed goes missing unseen.

CREATE TABLE laurel_internal.ledger_seals (
    organization_id uuid NOT NULL,
    seal_no bigint NOT NULL,
    sealed_at timestamptz NOT NULL,
    open_from timestamptz NOT NULL,
    accounts bigint NOT NULL,
    entries bigint NOT NULL,
    root bytea NOT NULL,
    seal_hash bytea NOT NULL,
    leaves bytea NOT NULL,
    CONSTRAINT ledger_seals_pkey PRIMARY KEY (organization_id, seal_no),
    CONSTRAINT ledger_seals_ranges_check CHECK (seal_no >= 1 AND accounts >= 0 AND octet_length(root) = 32 AND octet_length(seal_hash) = 32
        AND octet_length(leaves) = 56 * accounts)
);
-- The seal that somebody has kept elsewhere; the seals that may cover an entry.
CREATE INDEX ledger_seals_hash_idx ON laurel_internal.ledger_seals (seal_hash);
CREATE INDEX ledger_seals_sealed_idx ON laurel_internal.ledger_seals (organization_id, sealed_at);
-- Ids and hashes do not shrink.
ALTER TABLE laurel_internal.ledger_seals ALTER COLUMN leaves SET STORAGE EXTERNAL;

SELECT laurel_internal.explain('laurel_internal.ledger_seals', 'Seals of points_ledger, made by laurel.seal_ledger(): append-only, numbered and hash-chained per organization. Outlive their organization, as the ledger does.', '{
    "organization_id": "The organization.",
    "seal_no": "1, 2, 3 ... within the organization.",
    "sealed_at": "When the seal was made; not before any entry that it covers, nor before the seal before it.",
    "open_from": "Entries made from then on may not be covered: the next seal looks at them.",
    "accounts": "Accounts that have moved since the seal before.",
    "entries": "Entries of the organization that this seal and those before it cover.",
    "root": "Root of the Merkle tree (RFC 6962) over leaves.",
    "seal_hash": "SHA-256 over the hash of the seal before and this one.",
    "leaves": "The last entry of each account that has moved, in the order of users: user_id, entry_no (8 bytes, big-endian) and entry_hash."}');

CREATE TRIGGER keep_seals BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON laurel_internal.ledger_seals
    FOR EACH STATEMENT EXECUTE FUNCTION laurel_internal.keep_seals();
SELECT laurel_internal.set_replica_identity('laurel_internal.ledger_seals'),
       laurel_internal.protect('laurel_internal.ledger_seals', 'internal');

-- Down Migration
DROP TABLE laurel_internal.ledger_seals;
