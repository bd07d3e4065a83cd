-- Rewards: what is asked for, decided and handed out.

CREATE FUNCTION laurel_internal.price_redemption() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_price_redemption';
COMMENT ON FUNCTION laurel_internal.price_redemption() IS
'BEFORE INSERT row trigger of redemptions: locks the reward, and fills price, name and state from it. Refuses another price than is'
' expected (PT409 redemptions_unit_price), a reward that is not available now (23514 redemptions_window), of which not as many are left'
' (redemptions_stock, redemptions_vouchers) or for a higher tier (redemptions_tier_required), and a request for more points than are'
' available (user_points_points_held_check).';

CREATE FUNCTION laurel_internal.require_stock() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_require_stock';
COMMENT ON FUNCTION laurel_internal.require_stock() IS
'BEFORE UPDATE row trigger of rewards, fired where the new stock is less than is taken: says so (23514 rewards_taken_check), and what to do instead.';

CREATE FUNCTION laurel_internal.leave_redemptions() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_leave_redemptions';
COMMENT ON FUNCTION laurel_internal.leave_redemptions() IS
'BEFORE DELETE row trigger of user_organizations: what the member who leaves has asked for and not got is cancelled, and its points are back in'
' the account before that goes.';

CREATE FUNCTION laurel_internal.settle_redemptions() RETURNS trigger LANGUAGE c AS 'MODULE_PATHNAME', 'laurel_settle_redemptions';
COMMENT ON FUNCTION laurel_internal.settle_redemptions() IS
'AFTER INSERT or UPDATE statement trigger of redemptions, with transition tables: holds the points of requests, takes them where they'
' are approved, releases them where they are declined or cancelled, takes the entry back of what was paid, and hands out codes.';

CREATE TYPE laurel.redeemed_reward AS (redemption_id uuid, status text, points bigint, unit_price bigint, is_new boolean);
ALTER TYPE laurel.redeemed_reward OWNER TO laurel_owner;
COMMENT ON TYPE laurel.redeemed_reward IS 'What laurel.redeem() has done, as one object none of whose fields is null.';
COMMENT ON COLUMN laurel.redeemed_reward.redemption_id IS 'The row of redemptions.';
COMMENT ON COLUMN laurel.redeemed_reward.status IS 'requested where it must be approved, fulfilled where it is a code, else approved.';
COMMENT ON COLUMN laurel.redeemed_reward.points IS 'Points that are held or were paid, all together.';
COMMENT ON COLUMN laurel.redeemed_reward.unit_price IS 'Points for one.';
COMMENT ON COLUMN laurel.redeemed_reward.is_new IS 'False where the idempotency key was used before: nothing was redeemed again.';

CREATE FUNCTION laurel.redeem(
    reward_id uuid, quantity bigint DEFAULT 1, idempotency_key text DEFAULT NULL, expected_price bigint DEFAULT NULL, note text DEFAULT NULL,
    user_id uuid DEFAULT laurel.uid()
) RETURNS laurel.redeemed_reward
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_redeem';
COMMENT ON FUNCTION laurel.redeem(uuid, bigint, text, bigint, text, uuid) IS
'Gets a member a reward for points: stock, limits and balance move together, or nothing does. Where it must be approved, its points are held'
' until then. idempotency_key: the member''s own; a retry with the same key returns the first. expected_price: points for one; another price is'
' PT409. user_id: the caller; the back end names anybody. Errors: 23514 redemptions_reward_id_required (not active), redemptions_window,'
' redemptions_stock, redemptions_vouchers, redemptions_tier_required, redemptions_quantity_check, user_points_total_points_check and'
' user_points_points_held_check (not as many points); PT429, or 23514 for ever, redemptions_redemptions_<period>_quota (the member''s limit);'
' PT409 redemptions_unit_price, redemptions_idempotency_key, points_ledger_idempotency_key (another entry has the key of what is paid); 23503 no such reward, or member; 42501 for somebody else; 22004 nothing is named.';

CREATE FUNCTION laurel.approve_redemption(redemption_id uuid, note text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_approve_redemption';
COMMENT ON FUNCTION laurel.approve_redemption(uuid, text) IS
'Approves a redemption that waits: the points that are held are paid, and where it is a code the member gets it. For administrators, never'
' of their own, and service_role. Errors: 42501 not allowed, or there is none; PT409 redemptions_status_steps it does not wait any more,'
' redemptions_held its points are not held any more; 23514 redemptions_vouchers no code is left; 22004 none is named.';

CREATE FUNCTION laurel.decline_redemption(redemption_id uuid, note text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_decline_redemption';
COMMENT ON FUNCTION laurel.decline_redemption(uuid, text) IS
'Declines a redemption that waits: its points are available again, stock and limits as before, and the member is told why. For whom, and'
' errors: as of laurel.approve_redemption.';

CREATE FUNCTION laurel.fulfil_redemption(redemption_id uuid, reference text DEFAULT NULL, note text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_fulfil_redemption';
COMMENT ON FUNCTION laurel.fulfil_redemption(uuid, text, text) IS
'Notes that what was approved is handed out. reference: such as the number of a parcel. For whom, and errors: as of laurel.approve_redemption; said again with the same reference it is no error.';

CREATE FUNCTION laurel.cancel_redemption(redemption_id uuid, note text DEFAULT NULL) RETURNS void
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_cancel_redemption';
COMMENT ON FUNCTION laurel.cancel_redemption(uuid, text) IS
'Takes a redemption back: points that are held are available again, those that were paid come back by a reversal, stock and limits too. Members do'
' so while it waits; administrators and service_role also later. Errors: as of laurel.approve_redemption; 23514 redemptions_voucher_check a'
' code was handed out.';

CREATE FUNCTION laurel.voucher_codes(redemption_id uuid) RETURNS TABLE (code text, valid_until timestamptz)
LANGUAGE c STABLE PARALLEL RESTRICTED ROWS 1 AS 'MODULE_PATHNAME', 'laurel_voucher_codes';
COMMENT ON FUNCTION laurel.voucher_codes(uuid) IS
'The codes that were handed out for a redemption, for the back end, which mails them; the member reads reward_vouchers. Error 22004: none is named.';

CREATE FUNCTION laurel.withdraw_vouchers(reward_id uuid, codes text[]) RETURNS bigint
LANGUAGE c VOLATILE PARALLEL UNSAFE AS 'MODULE_PATHNAME', 'laurel_withdraw_vouchers';
COMMENT ON FUNCTION laurel.withdraw_vouchers(uuid, text[]) IS
'Removes codes of a reward that nobody has, such as a file that was imported by mistake, and returns how many. Codes that were handed out stay, and'
' so does what is not named. For administrators and service_role. Errors: 42501 not allowed, or there is no such reward; 22004 missing argument.';
