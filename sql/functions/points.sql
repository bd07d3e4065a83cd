-- Points: the ledger's triggers, and what clients call.

CREATE FUNCTION laurel_internal.register_reference_type() RETURNS trigger
LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_register_reference_type';
COMMENT ON FUNCTION laurel_internal.register_reference_type() IS
'BEFORE INSERT OR UPDATE row trigger of reference_types: writes the table''s name in full. Errors: 22023 without schema, or temporary; 42P01 no such table; 42809 no table; 42703, 42804 without organization_id and id of type uuid.';

CREATE FUNCTION laurel_internal.check_entry(
    amount bigint, balance_after bigint, occurred_at timestamptz, created_at timestamptz, transaction_type text, entry_hash bytea,
    metadata jsonb, reference_type text, reference_id uuid, reverses_id uuid, erased_words bytea[], reason text, idempotency_key text
) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_entry';
COMMENT ON FUNCTION laurel_internal.check_entry(bigint, bigint, timestamptz, timestamptz, text, bytea, jsonb, text, uuid, uuid, bytea[], text, text) IS
'The CHECK of points_ledger: true, or 23514 with the constraint of the first range that is left: points_ledger_amount_check (not 0), _balance_after_check (never negative), _entry_hash_check (32 bytes), _idempotency_key_check (1 to 255 characters), _metadata_check (an object), _occurred_at_check (neither infinite nor after created_at), _reason_check (a reference, something reversed, a reason that is not blank, or erased words), _reference_check (both or neither), _transaction_type_check (1 to 100 characters). Null where one of the first seven is.';

CREATE FUNCTION laurel_internal.check_account(
    total_points bigint, lifetime_points bigint, points_held bigint, tier text, current_level integer, current_streak integer, longest_streak integer,
    last_entry_hash bytea
) RETURNS boolean
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_check_account';
COMMENT ON FUNCTION laurel_internal.check_account(bigint, bigint, bigint, text, integer, integer, integer, bytea) IS
'The CHECK of user_points: true, or 23514 with the constraint of the first range that is left: user_points_current_level_check (from 1), _current_streak_check (never negative), _last_entry_hash_check (32 bytes), _lifetime_points_check (never negative), _longest_streak_check (no shorter than the current one), _points_held_check (neither negative nor more than total_points), _tier_check (bronze, silver, gold, platinum), _total_points_check (never negative). Null where one of the first seven is.';

CREATE FUNCTION laurel_internal.begin_posting() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_begin_posting';
COMMENT ON FUNCTION laurel_internal.begin_posting() IS
'BEFORE INSERT statement trigger of points_ledger: opens the statement''s accounts in memory. Not there while a restore copies data.';

CREATE FUNCTION laurel_internal.post_entry() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_post_entry';
COMMENT ON FUNCTION laurel_internal.post_entry() IS
'BEFORE INSERT row trigger of points_ledger: locks the account once, numbers, balances, dates and hashes the entry. Errors: 23514 balance below zero, wrong balance_after, amount 0; 22003 out of range; 23503 no account, nothing to reverse.';

CREATE FUNCTION laurel_internal.finish_posting() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_finish_posting';
COMMENT ON FUNCTION laurel_internal.finish_posting() IS
'AFTER INSERT statement trigger of points_ledger: checks references (23503), writes user_points, checks that every numbered entry arrived (23001).';

CREATE FUNCTION laurel_internal.keep_history() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_keep_history';
COMMENT ON FUNCTION laurel_internal.keep_history() IS
'BEFORE UPDATE, DELETE, TRUNCATE statement trigger: history is append-only (23001).';

CREATE FUNCTION laurel_internal.guard_balances() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_balances';
COMMENT ON FUNCTION laurel_internal.guard_balances() IS
'BEFORE UPDATE OF balances, TRUNCATE statement trigger of user_points: only the ledger writes them (23001).';

CREATE FUNCTION laurel_internal.check_balances() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_check_balances';
COMMENT ON FUNCTION laurel_internal.check_balances() IS
'AFTER UPDATE row trigger of user_points: refuses a row whose balances another trigger has changed on the way (23001).';

CREATE FUNCTION laurel_internal.close_account() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_close_account';
COMMENT ON FUNCTION laurel_internal.close_account() IS
'AFTER DELETE row trigger of user_points: keeps where the account ended in departed_accounts.';

CREATE FUNCTION laurel_internal.guard_departed() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_guard_departed';
COMMENT ON FUNCTION laurel_internal.guard_departed() IS
'BEFORE INSERT, UPDATE, DELETE, TRUNCATE statement trigger of departed_accounts: only the accounts'' own going and coming writes it (23001).';

CREATE FUNCTION laurel_internal.erase_entry_words(organization_id uuid, member uuid) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_erase_entry_words';
COMMENT ON FUNCTION laurel_internal.erase_entry_words(uuid, uuid) IS
'Takes reason, metadata and idempotency_key out of every entry of an account, in the ledger and its archive, and returns how many entries had any. For ever; amounts, times and references stay, erased_words says so, and laurel.verify_ledger() finds the chain sound. Entries are reversed as before. An erased key is free: a retry that still sends it makes a new entry. For the owner alone. Errors: 22004 missing argument; 23001 a trigger keeps words.';

CREATE FUNCTION laurel_internal.open_accounts() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_open_accounts';
COMMENT ON FUNCTION laurel_internal.open_accounts() IS
'AFTER INSERT statement trigger of user_organizations: opens a points account for every new membership.';

CREATE FUNCTION laurel_internal.resume_accounts() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_resume_accounts';
COMMENT ON FUNCTION laurel_internal.resume_accounts() IS
'AFTER INSERT statement trigger of user_points: an account opens empty (23001); one whose member was here before goes on where its ledger ends.';

CREATE FUNCTION laurel_internal.open_organizations() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_open_organizations';
COMMENT ON FUNCTION laurel_internal.open_organizations() IS
'AFTER INSERT statement trigger of organizations: gives each its tiers and levels.';

CREATE FUNCTION laurel_internal.retier_accounts() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_retier_accounts';
COMMENT ON FUNCTION laurel_internal.retier_accounts() IS
'AFTER statement trigger of tiers and levels: checks that they are complete and ascend (23514), then puts every account where it belongs. Locks all accounts of the organization.';

CREATE FUNCTION laurel_internal.retier_organizations() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_retier_organizations';
COMMENT ON FUNCTION laurel_internal.retier_organizations() IS
'AFTER UPDATE statement trigger of organizations: a new basis, window or grace of tiers re-tiers, a new time_zone counts weeks, months and windows anew.';

CREATE FUNCTION laurel_internal.default_tiers() RETURNS TABLE (tier text, min_points bigint)
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_default_tiers';
COMMENT ON FUNCTION laurel_internal.default_tiers() IS 'The tiers a new organization starts with.';

CREATE FUNCTION laurel_internal.default_levels() RETURNS TABLE (level integer, min_points bigint)
LANGUAGE c IMMUTABLE PARALLEL SAFE AS 'MODULE_PATHNAME', 'laurel_default_levels';
COMMENT ON FUNCTION laurel_internal.default_levels() IS
'The levels a new organization starts with: level n at 100 * (n - 1) * n / 2 points.';

CREATE FUNCTION laurel.tier_for(points bigint, organization_id uuid) RETURNS text
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_tier_for';
COMMENT ON FUNCTION laurel.tier_for(bigint, uuid) IS
'The tier that so many points are in that organization. Errors: 42501 the caller does not belong to it; 23503 for an unknown organization.';

CREATE FUNCTION laurel.level_for(points bigint, organization_id uuid) RETURNS integer
LANGUAGE c STABLE STRICT PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_level_for';
COMMENT ON FUNCTION laurel.level_for(bigint, uuid) IS
'The level that so many lifetime points are in that organization, from 1. Errors: 42501 the caller does not belong to it; 23503 for an unknown organization.';

-- What recording returns has a name, so that clients generate a type of it.
CREATE TYPE laurel.posted_entry AS (entry_id uuid, entry_no bigint, balance_after bigint, is_new boolean);
ALTER TYPE laurel.posted_entry OWNER TO laurel_owner;
COMMENT ON TYPE laurel.posted_entry IS 'What laurel.record_points_transaction returns: one object, none of whose fields is null.';
COMMENT ON COLUMN laurel.posted_entry.entry_id IS 'The entry, of points_ledger.';
COMMENT ON COLUMN laurel.posted_entry.entry_no IS 'Its number within the account.';
COMMENT ON COLUMN laurel.posted_entry.balance_after IS 'The account''s total after it.';
COMMENT ON COLUMN laurel.posted_entry.is_new IS 'False where a retry with the same key found the entry.';

CREATE TYPE laurel.posted_element AS ("position" bigint, entry_id uuid, entry_no bigint, balance_after bigint, is_new boolean);
ALTER TYPE laurel.posted_element OWNER TO laurel_owner;
COMMENT ON TYPE laurel.posted_element IS 'What laurel.record_points_transactions returns of each element, as a list; no field is null.';
COMMENT ON COLUMN laurel.posted_element."position" IS 'Where the element stood, from 1.';
COMMENT ON COLUMN laurel.posted_element.entry_id IS 'The entry, of points_ledger.';
COMMENT ON COLUMN laurel.posted_element.entry_no IS 'Its number within the account.';
COMMENT ON COLUMN laurel.posted_element.balance_after IS 'The account''s total after it.';
COMMENT ON COLUMN laurel.posted_element.is_new IS 'False where a retry with the same key found the entry.';

CREATE TYPE laurel.reversed_entry AS (reversal_id uuid, entry_no bigint, balance_after bigint, is_new boolean);
ALTER TYPE laurel.reversed_entry OWNER TO laurel_owner;
COMMENT ON TYPE laurel.reversed_entry IS 'What laurel.reverse_points_transaction returns: one object, none of whose fields is null.';
COMMENT ON COLUMN laurel.reversed_entry.reversal_id IS 'The entry that takes back, of points_ledger.';
COMMENT ON COLUMN laurel.reversed_entry.entry_no IS 'Its number within the account.';
COMMENT ON COLUMN laurel.reversed_entry.balance_after IS 'The account''s total after it.';
COMMENT ON COLUMN laurel.reversed_entry.is_new IS 'True: an entry is reversed once.';

CREATE FUNCTION laurel.record_points_transaction(
    user_id uuid, amount bigint, transaction_type text, reference_type text DEFAULT NULL,
    reference_id uuid DEFAULT NULL, reason text DEFAULT NULL, metadata jsonb DEFAULT '{}',
    idempotency_key text DEFAULT NULL, occurred_at timestamptz DEFAULT NULL, organization_id uuid DEFAULT NULL
) RETURNS laurel.posted_entry
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_record_points_transaction';
COMMENT ON FUNCTION laurel.record_points_transaction(uuid, bigint, text, text, uuid, text, jsonb, text, timestamptz, uuid) IS
'Adds points to a member, or takes them (amount < 0), and returns the entry. Without reference it is a manual adjustment and needs a reason. A retry with the same idempotency_key returns the first entry (is_new false) and changes nothing. occurred_at: business time, now or earlier. organization_id: the active, else the home organization. For administrators and service_role. Errors: 23514 balance below zero, amount 0, no reason; 22003 out of range; 23503 unknown user, reference or reference type; PT409 key used for another transaction; 42501 not allowed; 22004 missing argument.';

CREATE FUNCTION laurel.record_points_transactions(transactions jsonb) RETURNS SETOF laurel.posted_element
LANGUAGE c VOLATILE STRICT PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_record_points_transactions';
COMMENT ON FUNCTION laurel.record_points_transactions(jsonb) IS
'Many transactions at once: a JSON array of objects with the arguments of laurel.record_points_transaction as keys. All or nothing; a result per element, in order. Accounts are locked in order, so calls never deadlock with each other. Errors as there; message or detail name the element, and the key and value where a value is none of its type (22P02, 22003, 22007, 22008). 22023 when an object has another key, with the one that was meant, and when it is not an array, has more than 34 levels or more than 64 MB.';

CREATE FUNCTION laurel.reverse_points_transaction(entry_id uuid, reason text DEFAULT NULL) RETURNS laurel.reversed_entry
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_reverse_points_transaction';
COMMENT ON FUNCTION laurel.reverse_points_transaction(uuid, text) IS
'Takes an entry back by a new one of the opposite amount, which counts for the week and month of the first. For administrators and service_role. Errors: 23503 no such entry, or it is a reversal itself; 23505 reversed already; 23514 the points are spent, or held.';

CREATE FUNCTION laurel.balance_at(user_id uuid, at timestamptz, organization_id uuid DEFAULT NULL) RETURNS bigint
LANGUAGE c STABLE PARALLEL RESTRICTED AS 'MODULE_PATHNAME', 'laurel_balance_at';
COMMENT ON FUNCTION laurel.balance_at(uuid, timestamptz, uuid) IS
'The balance that the account showed at that moment (by created_at); 0 before its first entry. For those who may see the user. Error 42501 otherwise.';

CREATE FUNCTION laurel.verify_ledger(member uuid DEFAULT NULL, since bytea DEFAULT NULL)
RETURNS TABLE (organization_id uuid, user_id uuid, entry_no bigint, problem text)
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_verify_ledger';
COMMENT ON FUNCTION laurel.verify_ledger(uuid, bytea) IS
'Recomputes every account (or one user''s) from its entries and days of activity: numbering, balances, hashes, totals, weeks, months, times, tier, level, streak; accounts of members who left up to where they were closed; the archive''s keys and counts. Without member also the seals: numbers, hashes, roots, and that every sealed entry is there as it was; a notice says how many entries are younger than the last seal. Returns the first problem of each account, in no order; no row means sound; user_id is null where it is a seal''s. Takes as many parallel workers as max_parallel_workers_per_gather allows. since: the seal_hash of a seal: reads only entries made since, of its organization, and checks their chains, balances and seals and where their accounts stand, taking what was before as it is. service_role: all organizations; administrators: the active one. Errors: 42501 otherwise; 23503 there was no such member or is no such seal; 22023 member and since.';
