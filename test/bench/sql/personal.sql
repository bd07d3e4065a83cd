-- Two encrypted values a row, of which one can be searched: by the kit, by a trigger in PL/pgSQL, and not encrypted at all.
CREATE SCHEMA sealing AUTHORIZATION laurel_owner;
GRANT USAGE ON SCHEMA sealing TO service_role;

SET ROLE laurel_owner;
CREATE TABLE sealing.bare (id uuid PRIMARY KEY, organization_id uuid NOT NULL, user_id uuid NOT NULL, phone text CHECK (char_length(phone) <= 20), address text CHECK (char_length(address) <= 500));
CREATE TABLE sealing.laurel (LIKE sealing.bare INCLUDING ALL);
SELECT laurel_internal.personal('sealing.laurel', '{phone, address}', searchable => '{phone}');
CREATE VIEW sealing.laurel_shown AS
SELECT l.id, laurel_internal.personal_text(l.phone_sealed, 'sealing.laurel', 'phone', l.organization_id, l.user_id, l.id) AS phone,
    laurel_internal.personal_text(l.address_sealed, 'sealing.laurel', 'address', l.organization_id, l.user_id, l.id) AS address
FROM sealing.laurel l;
RESET ROLE;

CREATE TABLE sealing.written (LIKE sealing.bare INCLUDING ALL, phone_sealed bytea, address_sealed bytea, phone_digest bytea);
CREATE INDEX ON sealing.written (phone_digest);
CREATE FUNCTION sealing.seal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    key constant text := repeat('0123456789abcdef', 4);
BEGIN
    IF NEW.phone IS NOT NULL THEN
        NEW.phone_sealed := pgp_sym_encrypt(NEW.phone, key, 'cipher-algo=aes256, compress-algo=0, s2k-mode=1, s2k-digest-algo=sha256');
        NEW.phone_digest := hmac(NEW.phone, key, 'sha256');
        NEW.phone := NULL;
    END IF;
    IF NEW.address IS NOT NULL THEN
        NEW.address_sealed := pgp_sym_encrypt(NEW.address, key, 'cipher-algo=aes256, compress-algo=0, s2k-mode=1, s2k-digest-algo=sha256');
        NEW.address := NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER seal BEFORE INSERT OR UPDATE ON sealing.written FOR EACH ROW EXECUTE FUNCTION sealing.seal();
CREATE VIEW sealing.written_shown AS
SELECT w.id, pgp_sym_decrypt(w.phone_sealed, repeat('0123456789abcdef', 4)) AS phone, pgp_sym_decrypt(w.address_sealed, repeat('0123456789abcdef', 4)) AS address
FROM sealing.written w;
CREATE VIEW sealing.bare_shown AS SELECT b.id, b.phone, b.address FROM sealing.bare b;
GRANT ALL ON ALL TABLES IN SCHEMA sealing TO service_role;
