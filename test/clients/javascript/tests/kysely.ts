import assert from 'node:assert/strict'
import { check, checkRefusals } from './check.ts'

const sam = await asService((tx) =>
  tx.selectFrom('users').selectAll().where('email', '=', 'sam@birch.example').executeTakeFirstOrThrow())
const enter = (data: { amount: number; organization_id?: string }) => asService((tx) => tx.insertInto('points_ledger')
  .values({ user_id: ana.id, transaction_type: 'quiz_passed', reason: 'Quiz', ...data }).execute())
const record = (tx: Transaction<Laurel>, amount: number | null) => sql<{ is_new: boolean }>`
  SELECT * FROM laurel.record_points_transaction(
    ${ana.id}, ${amount}, 'quiz_passed', reason => 'Quiz', idempotency_key => 'quiz:7')`.execute(tx)

function read(error: unknown) {
  assert.ok(error instanceof pg.DatabaseError)
  return { sqlstate: error.code, constraint: error.constraint, detail: error.detail, hint: error.hint }
}

await checkRefusals('Kysely', {
  'a badge awarded twice': award,
  'an overdraft': () => enter({ amount: -9000 }),
  'points for a member of another organization': () => enter({ amount: 5, organization_id: sam.organization_id }),
  'a key of another transaction': async () => {
    await asService((tx) => record(tx, 1))
    return asService((tx) => record(tx, 2))
  },
  'null for the amount': () => asService((tx) => record(tx, null)),
  'points recorded by a learner': () => asUser(ana.id, (tx) => record(tx, 2)),
}, read)

await check('Kysely: a transaction repeated under its key finds the first entry', async () => {
  assert.equal((await asService((tx) => record(tx, 1))).rows[0].is_new, false)
})

await check('Kysely: an upsert names the key with the organization', async () => {
  const role = { organization_id: ana.organization_id, user_id: ana.id, role: 'trainer' }
  const grant = () => asService((tx) => tx.insertInto('user_roles').values(role)
    .onConflict((key) => key.columns(['organization_id', 'user_id', 'role']).doUpdateSet({ role: 'trainer' }))
    .returning('id').executeTakeFirstOrThrow())
  assert.equal((await grant()).id, (await grant()).id)
})

await check('Kysely: many rows at once, and values of the types that laurel.ts says', async () => {
  const many = await asService((tx) => tx.insertInto('points_ledger')
    .values([1, 2, 3].map((amount) => ({ user_id: ana.id, amount, transaction_type: 'quiz_passed', reason: 'Quiz' })))
    .returning(['balance_after', 'occurred_at']).execute())
  const { total_points } = await asService((tx) =>
    tx.selectFrom('user_points').select('total_points').where('user_id', '=', ana.id).executeTakeFirstOrThrow())
  assert.equal(many.at(-1)?.balance_after, total_points)
  assert.deepEqual([typeof total_points, typeof many[0].occurred_at], ['number', 'string'])
})

await check('Kysely: who asks as a user sees what that user may see', async () => {
  await asService((tx) => tx.insertInto('points_ledger')
    .values({ user_id: sam.id, amount: 5, transaction_type: 'welcome', reason: 'Welcome' }).execute())
  const owners = await asUser(ana.id, (tx) => tx.selectFrom('points_ledger').select('user_id').distinct().execute())
  assert.deepEqual(owners, [{ user_id: ana.id }])
})

// @ts-expect-error there is no such column
void (() => db.selectFrom('points_ledger').select('balance'))
// @ts-expect-error an entry needs an amount
void (() => db.insertInto('points_ledger').values({ user_id: ana.id, transaction_type: 'x' }))

await db.destroy()
