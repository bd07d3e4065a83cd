import assert from 'node:assert/strict'
import { check, checkRefusals } from './check.ts'

const [sam] = await asService((tx) => tx.select().from(users).where(eq(users.email, 'sam@birch.example')))
const enter = (data: { amount: number; organizationId?: string }) => asService((tx) => tx.insert(pointsLedger)
  .values({ userId: ana.id, transactionType: 'quiz_passed', reason: 'Quiz', ...data }))
const record = (tx: Transaction, amount: number | null) => tx.execute<{ is_new: boolean }>(sql`
  SELECT * FROM laurel.record_points_transaction(
    ${ana.id}, ${amount}, 'quiz_passed', reason => 'Quiz', idempotency_key => 'quiz:7')`)

function read(error: unknown) {
  assert.ok(error instanceof DrizzleQueryError)
  const { code, constraint, detail, hint } = cause(error)
  return { sqlstate: code, constraint, detail, hint }
}

await checkRefusals('Drizzle', {
  'a badge awarded twice': award,
  'an overdraft': () => enter({ amount: -9000 }),
  'points for a member of another organization': () => enter({ amount: 5, organizationId: sam.organizationId }),
  'a key of another transaction': async () => {
    await asService((tx) => record(tx, 1))
    return asService((tx) => record(tx, 2))
  },
  'null for the amount': () => asService((tx) => record(tx, null)),
  'points recorded by a learner': () => asUser(ana.id, (tx) => record(tx, 2)),
}, read)

await check('Drizzle: a transaction repeated under its key finds the first entry', async () => {
  assert.equal((await asService((tx) => record(tx, 1))).rows[0].is_new, false)
})

await check('Drizzle: an upsert names the key with the organization', async () => {
  const grant = () => asService((tx) => tx.insert(userRoles)
    .values({ organizationId: ana.organizationId, userId: ana.id, role: 'trainer' })
    .onConflictDoUpdate({ target: [userRoles.organizationId, userRoles.userId, userRoles.role], set: { role: 'trainer' } })
    .returning({ id: userRoles.id }))
  assert.deepEqual(await grant(), await grant())
})

await check('Drizzle: many rows at once, each with its balance', async () => {
  const many = await asService((tx) => tx.insert(pointsLedger)
    .values([1, 2, 3].map((amount) => ({ userId: ana.id, amount, transactionType: 'quiz_passed', reason: 'Quiz' })))
    .returning({ entryNo: pointsLedger.entryNo, balanceAfter: pointsLedger.balanceAfter }))
  assert.deepEqual(many.map(({ balanceAfter }) => balanceAfter - many[0].balanceAfter), [0, 2, 5])
})

await check('Drizzle: who asks as a user sees what that user may see', async () => {
  await asService((tx) => tx.insert(pointsLedger).values({ userId: sam.id, amount: 5, transactionType: 'welcome', reason: 'Welcome' }))
  const owners = await asUser(ana.id, (tx) => tx.selectDistinct({ userId: pointsLedger.userId }).from(pointsLedger))
  assert.deepEqual(owners, [{ userId: ana.id }])
})

// @ts-expect-error an entry needs an amount
void (() => db.insert(pointsLedger).values({ userId: ana.id, transactionType: 'x' }))

await pool.end()
