-- Two accounts of one person become one.

CREATE TYPE laurel.merged_users AS (merge_id uuid, from_id uuid, into_id uuid, points bigint, moved jsonb, is_new boolean);
ALTER TYPE laurel.merged_users OWNER TO laurel_owner;
COMMENT ON TYPE laurel.merged_users IS 'What laurel.merge_users() did, as one object.';
COMMENT ON COLUMN laurel.merged_users.merge_id IS 'The row of laurel.user_merges.';
COMMENT ON COLUMN laurel.merged_users.from_id IS 'The account that is no more.';
COMMENT ON COLUMN laurel.merged_users.into_id IS 'The account that has everything now.';
COMMENT ON COLUMN laurel.merged_users.points IS 'Balance that went from the one to the other, in all organizations together.';
COMMENT ON COLUMN laurel.merged_users.moved IS 'An object, by table: rows that moved, and rows left behind because the other account had one of the same key.';
COMMENT ON COLUMN laurel.merged_users.is_new IS 'False where it was done already.';

CREATE FUNCTION laurel.merge_users("from" uuid, "into" uuid, reason text DEFAULT NULL) RETURNS laurel.merged_users
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_merge_users';
COMMENT ON FUNCTION laurel.merge_users(uuid, uuid, text) IS
'Makes one account of two of one person: "into" gets all that "from" has, and "from" is deleted. The balance goes over by a debit there and'
' credits here, so that balance, lifetime points, this week''s and this month''s are the sums of both, which is proven; of two badges,'
' enrollments, completions or answers to one event the better one stays; sign-in elsewhere (user_identities) goes over; address, password,'
' profile and preferences of "into" stay as they are, and sessions of "from" end. All in one transaction. Called again with the same two it changes nothing and returns the same. For'
' administrators of the home organization of both, where neither belongs to another one, and service_role. reason: at most 2,000 characters. Errors: 22004 a user is null; 22023 one user'
' twice; 23503 no such user; 23514 at home in different organizations; 23001 a legal hold covers one of them; 42501 not allowed; PT409 "from" was merged with'
' another user already, or is there again since; or one of them was erased; 39P01 a trigger of the application keeps rows back.';
