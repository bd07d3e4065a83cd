import assert from 'node:assert/strict'
import pg from 'pg'
import { makeSchema } from 'postgraphile'
import { grafast } from 'postgraphile/grafast'
import { check, checkRefusals } from './check.ts'

type Answer = { data?: any; errors?: readonly GraphQLError[] }

const record = (token: string, amount: string | null) => ask(token, `mutation ($ana: UUID!, $amount: BigInt) {
  recordPointsTransaction(input: {
    userId: $ana, amount: $amount, transactionType: "quiz_passed", reason: "Quiz", idempotencyKey: "quiz:7"
  }) { result { isNew } }
}`, { ana, amount })

// The tables beside the functions, without a server.
const pool = new pg.Pool({ connectionString: DATABASE_URL })
const whole = await makeSchema({
  extends: [PostGraphileAmberPreset], pgServices: [makePgService({ pool, schemas: ['laurel', 'laurel_api'] })],
  grafast: { context: { pgSettings: { role: 'service_role' } } },
})
const askWhole = (source: string, variableValues = {}) =>
  grafast({ ...whole, source, variableValues, requestContext: {} }) as Promise<Answer>
const enter = (entry: { amount: string; organizationId?: string }) => askWhole(`mutation ($entry: PointsLedgerInput!) {
  createPointsLedger(input: { pointsLedger: $entry }) { pointsLedger { entryNo balanceAfter } }
}`, { entry: { userId: ana, transactionType: 'quiz_passed', reason: 'Quiz', ...entry } })

// Throws the first error of an answer: what maskError has left of it, or all of it where there was no server.
async function attempt(answer: PromiseLike<Answer>) {
  const [error] = (await answer).errors ?? []
  if (error) throw error.originalError ?? error.extensions
}

function read(error: unknown) {
  const { code, constraint, detail, hint } = error as pg.DatabaseError
  return { sqlstate: code, constraint, detail, hint }
}

const { data: { allOrganizations } } = await askWhole('{ allOrganizations(condition: { slug: "birch" }) { nodes { rowId } } }')
const birch = allOrganizations.nodes[0].rowId

await checkRefusals('PostGraphile', {
  'a badge awarded twice': () => attempt(award()),
  'an overdraft': () => attempt(enter({ amount: '-9000' })),
  'points for a member of another organization': () => attempt(enter({ amount: '5', organizationId: birch })),
  'a key of another transaction': async () => {
    await record(SERVICE, '1')
    return attempt(record(SERVICE, '2'))
  },
  'null for the amount': () => attempt(record(SERVICE, null)),
  'points recorded by a learner': () => attempt(record(ANA, '2')),
}, read)

await check('PostGraphile: a transaction repeated under its key finds the first entry', async () => {
  assert.equal((await record(SERVICE, '1')).data.recordPointsTransaction.result.isNew, false)
})

await check('PostGraphile: every function of laurel_api is there, and no table', async () => {
  const { rows: [{ functions }] } = await pool.query(`
    SELECT count(*)::int AS functions FROM pg_proc WHERE pronamespace = 'laurel_api'::regnamespace`)
  const schema = await graphile.getSchema()
  const fields = [schema.getQueryType()!, schema.getMutationType()!].flatMap((type) => Object.keys(type.getFields()))
  assert.equal(fields.filter((field) => !['query', 'node', 'id'].includes(field)).length, functions)
})

await check('PostGraphile: with the tables, a function that is named as a mutation for one keeps its place', () => {
  const fields = whole.schema.getMutationType()!.getFields()
  assert.deepEqual(['laurelApiNotify', 'laurelApiCreateSession', 'createSession'].filter((field) => !(field in fields)), [])
})

await check('PostGraphile: a token of another secret is refused, and without a token one is anon', async () => {
  console.error = () => {}
  const forged = jwt.sign({ role: 'service_role' }, 'another secret, longer than 256 bits')
  assert.ok((await ask(forged, '{ uid }')).errors)
  assert.equal((await ask('', '{ uid }')).data.uid, null)
  assert.equal((await ask('', '{ leaderboard { nodes { rank } } }')).errors?.[0].extensions.code, '42501')
})

process.exit()
