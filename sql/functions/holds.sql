-- Holds: points that are kept for something.

CREATE TYPE laurel.held_points AS (hold_id uuid, amount bigint, balance bigint, points_held bigint, available bigint, is_new boolean);
ALTER TYPE laurel.held_points OWNER TO laurel_owner;
COMMENT ON TYPE laurel.held_points IS 'What laurel.hold_points() has done, as one object none of whose fields is null.';
COMMENT ON COLUMN laurel.held_points.hold_id IS 'The row of point_holds.';
COMMENT ON COLUMN laurel.held_points.amount IS 'Points that it keeps.';
COMMENT ON COLUMN laurel.held_points.balance IS 'All points of the account.';
COMMENT ON COLUMN laurel.held_points.points_held IS 'Those that are held, of this hold and others.';
COMMENT ON COLUMN laurel.held_points.available IS 'Those that are not.';
COMMENT ON COLUMN laurel.held_points.is_new IS 'False where the idempotency key was used before: nothing was held again.';

CREATE FUNCTION laurel.hold_points(
    user_id uuid, amount bigint, reason text DEFAULT NULL, reference_type text DEFAULT NULL, reference_id uuid DEFAULT NULL,
    expires_at timestamptz DEFAULT NULL, idempotency_key text DEFAULT NULL, transaction_type text DEFAULT 'hold_captured',
    metadata jsonb DEFAULT '{}', organization_id uuid DEFAULT NULL
) RETURNS laurel.held_points
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_hold_points';
COMMENT ON FUNCTION laurel.hold_points(uuid, bigint, text, text, uuid, timestamptz, text, text, jsonb, uuid) IS
'Keeps points of a member for something: they stay in the balance, and no entry of the ledger takes them, until laurel.capture_hold() does,'
' laurel.release_hold() or expires_at makes them available again (null: never). What has expired counts no longer here. reason, or reference_type and'
' reference_id: what for. transaction_type, reason, reference and metadata are those of the entry and the domain event when the points are taken.'
' idempotency_key: a retry with the same key returns the first hold. For administrators and service_role. Errors: 23514 user_points_points_held_check'
' more than is available, with balance, held and available in the detail; 23514 point_holds_amount_check, _purpose_check, _reference_check, _expires_at_check;'
' 23503 no such account, or type of reference; PT409 the key was used for another hold; 42501 not allowed; 22004 no member or amount.';

CREATE FUNCTION laurel.capture_hold(hold_id uuid, amount bigint DEFAULT NULL) RETURNS laurel.posted_entry
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_capture_hold';
COMMENT ON FUNCTION laurel.capture_hold(uuid, bigint) IS
'Takes points that are held, all or up to as many, with an entry in the ledger; what is not taken is available again. Once for a hold: repeated with'
' the same amount it returns that entry. For administrators and service_role. Errors: 23514 point_holds_captured_amount_check more than is held, or less than 1;'
' PT409 it was released, has expired, or another amount was taken; 23514 point_holds_of_redemption it belongs to a redemption, which decides;'
' 23503 there is no such hold, or what it refers to is gone; 42501 not allowed; 22004 no hold.';

CREATE FUNCTION laurel.release_hold(hold_id uuid) RETURNS boolean
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_release_hold';
COMMENT ON FUNCTION laurel.release_hold(uuid) IS
'Makes points that are held available again; false where they were already. For administrators and service_role. Errors: PT409 they were taken;'
' 23514 point_holds_of_redemption, 23503, 42501, 22004 as of laurel.capture_hold.';

CREATE FUNCTION laurel.expire_holds() RETURNS bigint LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_expire_holds';
COMMENT ON FUNCTION laurel.expire_holds() IS
'Makes points available whose hold has expired; returns how many holds. A job, once a minute; accounts that somebody has locked just now are left to the next.'
' One organization that fails is noted in job_failures, and the others go on.';
